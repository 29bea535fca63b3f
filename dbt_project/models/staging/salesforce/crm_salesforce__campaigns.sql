{{ config(enabled=source_enabled("salesforce")) }}

with

campaigns as (

    select * from {{ ref("stg_salesforce__campaigns") }}

),

mapped as (

    select
        'salesforce' as source_system,
        campaign_id,
        campaign_name,
        campaign_type,
        parent_campaign_id,
        start_date,
        end_date,
        actual_cost,
        upper(currency) as currency

    from campaigns

)

select * from mapped
