{{ config(enabled=source_enabled("salesforce")) }}

with

products as (

    select * from {{ ref("stg_salesforce__products") }}

),

mapped as (

    select
        'salesforce' as source_system,
        product_id,
        product_name,
        product_code,
        product_family,
        unit_cost,
        is_active

    from products

)

select * from mapped
