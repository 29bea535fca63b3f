{{ config(enabled=source_enabled("salesforce")) }}

with

lines as (

    select * from {{ ref("stg_salesforce__opportunity_line_items") }}

),

mapped as (

    select
        'salesforce' as source_system,
        opportunity_line_id,
        opportunity_id,
        product_id,
        quantity,
        unit_price,
        list_price,
        discount_percent,
        total_amount

    from lines

)

select * from mapped
