{{ config(enabled=source_enabled("salesforce")) }}

with

opportunities as (

    select * from {{ ref("stg_salesforce__opportunities") }}

),

mapped as (

    select
        'salesforce' as source_system,
        opportunity_id,
        account_id,
        opportunity_name,
        case lower(trim(opportunity_type))
            when 'new business' then 'new_business'
            when 'new customer' then 'new_business'
            when 'expansion' then 'expansion'
            when 'existing business' then 'expansion'
            when 'renewal' then 'renewal'
        end as opportunity_type,
        stage_name,
        amount,
        upper(currency) as currency,
        probability,
        forecast_category,
        close_date,
        is_closed,
        is_won,
        loss_reason,
        lead_source,
        campaign_id,
        owner_id,
        created_at

    from opportunities

)

select * from mapped
