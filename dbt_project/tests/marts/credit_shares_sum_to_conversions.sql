-- Every model credits each conversion type with exactly as many conversions as there are.
with models as (
    {{ model_names() }}
),

conversions as (
    select
        conversion_type,
        count(*) as conversion_count
    from {{ ref("fct_journeys") }}
    where is_converted
    group by conversion_type
),

credited as (
    select
        model_name,
        conversion_type,
        {{ exact_sum("credit_share") }} as credited_count
    from {{ ref("fct_credits") }}
    group by model_name, conversion_type
)

select
    models.model_name,
    conversions.conversion_type,
    conversions.conversion_count,
    credited.credited_count
from conversions
cross join models
left join credited
    on
        conversions.conversion_type = credited.conversion_type
        and models.model_name = credited.model_name
where
    credited.credited_count is null
    or abs(credited.credited_count - conversions.conversion_count) > 1e-9 * conversions.conversion_count
