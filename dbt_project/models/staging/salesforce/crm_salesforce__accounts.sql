{{ config(enabled=source_enabled("salesforce")) }}

with

accounts as (

    select * from {{ ref("stg_salesforce__accounts") }}

),

mapped as (

    select
        'salesforce' as source_system,
        account_id,
        account_name,
        {{ domain_of_url("website") }} as domain,
        industry,
        employee_count,
        annual_revenue,
        country,
        region,
        segment,
        parent_account_id,
        merged_into_account_id,
        owner_id,
        created_at

    from accounts

)

select * from mapped
