{{ config(enabled=source_enabled("olist")) }}

with

deals as (

    select * from {{ ref("stg_olist__closed_deals") }}

),

mapped as (

    select
        'olist' as source_system,
        mql_id as opportunity_id,
        mql_id as person_id,
        cast(null as {{ sql_type("string") }}) as buying_role,
        true as is_primary

    from deals

)

select * from mapped
