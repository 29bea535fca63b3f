{{ config(enabled=source_enabled("olist")) }}

with

deals as (

    select * from {{ ref("stg_olist__closed_deals") }}

),

sellers as (

    select * from {{ ref("stg_olist__sellers") }}

),

-- A seller that several leads led to is one account, since its first deal.
ranked_deals as (

    select
        *,
        row_number() over (partition by seller_id order by won_at, mql_id) as deal_number

    from deals

),

mapped as (

    select
        'olist' as source_system,
        deals.seller_id as account_id,
        cast(null as {{ sql_type("string") }}) as account_name,
        cast(null as {{ sql_type("string") }}) as domain,
        deals.business_segment as industry,
        cast(null as {{ sql_type("integer") }}) as employee_count,
        cast(null as {{ sql_type("decimal") }}) as annual_revenue,
        'BR' as country,
        sellers.state as region,
        deals.lead_type as segment,
        cast(null as {{ sql_type("string") }}) as parent_account_id,
        cast(null as {{ sql_type("string") }}) as merged_into_account_id,
        deals.sr_id as owner_id,
        deals.won_at as created_at

    from ranked_deals as deals
    left join sellers
        on deals.seller_id = sellers.seller_id
    where deals.deal_number = 1

)

select * from mapped
