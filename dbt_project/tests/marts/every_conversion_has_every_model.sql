-- No model leaves out a conversion, and none credits what is not one.
with models as (
    {{ model_names() }}
),

conversions as (
    select
        models.model_name,
        journeys.conversion_id
    from {{ ref("fct_journeys") }} as journeys
    cross join models
    where journeys.is_converted
),

credited as (
    select distinct
        model_name,
        conversion_id
    from {{ ref("fct_credits") }}
)

select
    coalesce(conversions.model_name, credited.model_name) as model_name,
    coalesce(conversions.conversion_id, credited.conversion_id) as conversion_id,
    conversions.conversion_id is not null as is_conversion,
    credited.conversion_id is not null as is_credited
from conversions
full outer join credited
    on
        conversions.model_name = credited.model_name
        and conversions.conversion_id = credited.conversion_id
where conversions.conversion_id is null or credited.conversion_id is null
