with spend as (
    select * from {{ ref("int_spend_classified") }}
    -- A cost is spread over its whole period, also its days to come.
    where spend_date <= {{ business_date() }}
),

rate_periods as (
    {{ rate_periods() }}
),

converted as (
    select
        spend.*,
        coalesce(spend.channel, 'unallocated') as reported_channel,
        '{{ var("reporting_currency") }}' as reporting_currency,
        rate_periods.rate as exchange_rate,
        case
            when spend.currency != '{{ var("reporting_currency") }}' then rate_periods.rate_date
        end as exchange_rate_date
    from spend
    left join rate_periods
        on
            spend.currency = rate_periods.currency
            and spend.spend_date >= rate_periods.holds_from
            and spend.spend_date < rate_periods.holds_until
),

priced as (
    select
        *,
        round({{ amount_at_rate("amount", "exchange_rate") }}, 4) as amount_reporting
    from converted
),

final as (
    select
        {{ contract_columns({
            "channel": "reported_channel", "impression_count": "impressions", "click_count": "clicks"
        }) }}
    from priced
)

select * from final
