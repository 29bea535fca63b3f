{{ config(enabled=source_enabled("olist")) }}

with

people as (

    select * from {{ ref("crm_olist__people") }}

),

mapped as (

    select
        'olist' as source_system,
        concat(person_id, ':mql') as person_stage_id,
        person_id,
        'mql' as stage,
        created_at as entered_at,
        true as is_date_only,
        cast(null as {{ sql_type("string") }}) as reason,
        cast(null as {{ sql_type("string") }}) as changed_by_id

    from people

)

select * from mapped
