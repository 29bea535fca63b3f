{{ config(enabled=source_enabled("olist")) }}

with

deals as (

    select * from {{ ref("stg_olist__closed_deals") }}

),

development_representatives as (

    select distinct
        sdr_id as user_id,
        1 as is_sdr

    from deals
    where sdr_id is not null

),

sales_representatives as (

    select distinct
        sr_id as user_id,
        1 as is_sr

    from deals
    where sr_id is not null

),

-- The same person may be both.
mapped as (

    select
        'olist' as source_system,
        coalesce(development_representatives.user_id, sales_representatives.user_id) as user_id,
        cast(null as {{ sql_type("string") }}) as user_name,
        cast(null as {{ sql_type("string") }}) as email,
        case
            when sales_representatives.user_id is null then 'Sales development representative'
            else 'Sales representative'
        end as title,
        'Sales' as department,
        case when sales_representatives.user_id is null then 'Sales development' else 'Sales' end as team,
        cast(null as {{ sql_type("string") }}) as manager_id,
        cast(null as {{ sql_type("boolean") }}) as is_active

    from development_representatives
    full outer join sales_representatives
        on development_representatives.user_id = sales_representatives.user_id

)

select * from mapped
