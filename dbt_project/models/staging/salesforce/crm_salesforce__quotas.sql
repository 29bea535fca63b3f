{{ config(enabled=source_enabled("salesforce")) }}

with

quotas as (

    select * from {{ ref("stg_salesforce__quotas") }}

),

mapped as (

    select
        'salesforce' as source_system,
        quota_id,
        owner_id,
        period_start_date,
        period_end_date,
        amount,
        upper(currency) as currency

    from quotas

)

select * from mapped
