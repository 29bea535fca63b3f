{{ config(enabled=source_enabled("ads")) }}

with

spend as (

    select * from {{ ref("stg_ads__spend") }}

),

mapped as (

    select
        'ads' as source_system,
        concat(
            'ads:daily:',
            {{ generate_surrogate_key(["spend_date", "platform", "campaign_id"]) }}
        ) as spend_id,
        spend_date,
        ad_type as channel_hint,
        platform,
        campaign_id,
        campaign_name,
        'media' as cost_category,
        'marketing' as department,
        cost as amount,
        upper(currency) as currency,
        impressions,
        clicks

    from spend

)

select * from mapped
