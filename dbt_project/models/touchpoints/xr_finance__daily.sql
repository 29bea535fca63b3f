{{ config(enabled=source_enabled("finance")) }}

with

rates as (

    select * from {{ ref("stg_finance__exchange_rates") }}

),

mapped as (

    select
        rate_date,
        upper(currency) as currency,
        upper(reporting_currency) as reporting_currency,
        rate

    from rates

)

select * from mapped
