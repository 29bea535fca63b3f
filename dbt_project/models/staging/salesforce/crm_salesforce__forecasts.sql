{{ config(enabled=source_enabled("salesforce")) }}

with

forecasts as (

    select * from {{ ref("stg_salesforce__forecasts") }}

),

mapped as (

    select
        'salesforce' as source_system,
        forecast_id,
        owner_id,
        period_start_date,
        period_end_date,
        amount,
        upper(currency) as currency,
        forecast_category,
        updated_at as submitted_at,
        is_deleted as is_withdrawn

    from forecasts

)

select * from mapped
