{{ config(enabled=source_enabled("finance")) }}

with

subscriptions as (

    select * from {{ ref("stg_finance__subscriptions") }}

),

mapped as (

    select
        'finance' as source_system,
        subscription_id,
        account_id as crm_account_id,
        opportunity_id,
        started_by,
        starts_on,
        ends_on,
        cancelled_on,
        annual_amount,
        upper(currency) as currency

    from subscriptions

)

select * from mapped
