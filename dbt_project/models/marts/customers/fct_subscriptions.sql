with terms as (
    select * from {{ ref("int_subscriptions") }}
),

rate_periods as (
    {{ rate_periods() }}
),

-- A term keeps the rate of its first day: a currency that moves is no customer that spends more.
converted as (
    select
        terms.*,
        rate_periods.rate as exchange_rate,
        '{{ var("reporting_currency") }}' as reporting_currency,
        round({{ amount_at_rate("terms.annual_amount", "rate_periods.rate") }}, 4) as annual_amount_reporting
    from terms
    left join rate_periods
        on
            terms.currency = rate_periods.currency
            and terms.starts_on >= rate_periods.holds_from
            and terms.starts_on < rate_periods.holds_until
),

final as (
    select {{ contract_columns() }}
    from converted
)

select * from final
