{{ config(enabled=source_enabled("olist")) }}

with

leads as (

    select * from {{ ref("stg_olist__marketing_qualified_leads") }}

),

mapped as (

    select
        'olist' as source_system,
        concat(mql_id, ':mql') as person_stage_id,
        mql_id as person_id,
        'mql' as stage,
        {{ end_of_day("first_contact_on") }} as entered_at,
        true as is_date_only,
        cast(null as {{ sql_type("string") }}) as reason,
        cast(null as {{ sql_type("string") }}) as changed_by_id

    from leads

)

select * from mapped
