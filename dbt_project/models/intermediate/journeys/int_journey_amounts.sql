-- Converted at the latest rate at or before the journey's reporting date. Without a rate the converted amount is null,
-- never a guess.
with journeys as (

    select
        journey_id,
        amount,
        currency,
        reporting_date
    from {{ ref("int_journeys") }}
    where currency is not null

),

rates as (

    select
        currency,
        rate_date,
        rate,
        lead(rate_date) over (partition by currency order by rate_date) as next_rate_date
    from {{ ref("int_exchange_rates_unioned") }}
    where
        reporting_currency = '{{ var("reporting_currency") }}'
        and rate_date <= {{ business_date() }}

),

wanted as (

    select distinct
        currency,
        reporting_date
    from journeys

),

rated as (

    select
        wanted.currency,
        wanted.reporting_date,
        case when wanted.currency = '{{ var("reporting_currency") }}' then 1 else rates.rate end as exchange_rate,
        case
            when wanted.currency = '{{ var("reporting_currency") }}' then wanted.reporting_date
            else rates.rate_date
        end as exchange_rate_date
    from wanted
    left join rates
        on
            wanted.currency = rates.currency
            and wanted.reporting_date >= rates.rate_date
            and (rates.next_rate_date is null or wanted.reporting_date < rates.next_rate_date)

),

amounts as (

    select
        journeys.journey_id,
        journeys.amount,
        journeys.currency,
        coalesce(currencies.minor_unit_digits, 2) as minor_unit_digits,
        cast(rated.exchange_rate as {{ sql_type("rate") }}) as exchange_rate,
        rated.exchange_rate_date,
        {{ rounded_to_minor_unit(
            amount_at_rate("journeys.amount", "rated.exchange_rate"), "coalesce(reporting.minor_unit_digits, 2)"
        ) }} as amount_reporting
    from journeys
    inner join rated
        on journeys.currency = rated.currency and journeys.reporting_date = rated.reporting_date
    left join {{ ref("currencies") }} as currencies on journeys.currency = currencies.currency
    left join {{ ref("currencies") }} as reporting on reporting.currency = '{{ var("reporting_currency") }}'

)

select * from amounts
