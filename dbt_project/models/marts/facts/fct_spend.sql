with spend as (
    select * from {{ ref("int_spend_classified") }}
    -- A cost is spread over its whole period, also its days to come.
    where spend_date <= {{ business_date() }}
),

rates as (
    select * from {{ ref("int_exchange_rates_unioned") }}
    where reporting_currency = '{{ var("reporting_currency") }}'
),

-- A rate holds until the next one; the first one also holds for the days before it.
rate_periods as (
    select
        currency,
        rate,
        rate_date,
        case
            when row_number() over (partition by currency order by rate_date) = 1 then cast('0001-01-01' as date)
            else rate_date
        end as holds_from,
        coalesce(
            lead(rate_date) over (partition by currency order by rate_date),
            cast('9999-12-31' as date)
        ) as holds_until
    from rates
),

converted as (
    select
        spend.*,
        coalesce(spend.channel, 'unallocated') as reported_channel,
        '{{ var("reporting_currency") }}' as reporting_currency,
        case
            when spend.currency = '{{ var("reporting_currency") }}' then 1
            else rate_periods.rate
        end as exchange_rate,
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
        round(cast(amount as decimal(18, 4)) * cast(exchange_rate as decimal(18, 8)), 4) as amount_reporting
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
