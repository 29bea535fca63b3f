-- A customer is one account, on the day of its first win. Which channels brought it is said by the credit of that win.
with spend as (
    select * from {{ ref("fct_spend") }}
),

channels as (
    select * from {{ ref("dim_channels") }}
),

customers as (
    select
        dim_customers.*,
        customer_values.lifetime_value_amount_reporting
    from {{ ref("dim_customers") }} as dim_customers
    inner join {{ ref("mart_customer_values") }} as customer_values
        on dim_customers.account_id = customer_values.account_id
),

-- A cost may be met by the customers that come a sales cycle later. A win dated before its first contact is a record to
-- correct, and no cycle.
lags as (
    select
        cast(coalesce(
            {{ var("cac_lag_days") if var("cac_lag_days") is not none else "null" }},
            round({{ percentile_of("opportunities.days_from_first_contact_to_close", 0.5) }}),
            0
        ) as integer) as lag_days
    from customers
    inner join {{ ref("fct_opportunities") }} as opportunities
        on customers.first_opportunity_id = opportunities.opportunity_id
    where opportunities.days_from_first_contact_to_close >= 0
),

costs as (
    select
        spend_date as event_date,
        channel,
        amount_reporting as cost_amount,
        null as lagged_cost_amount
    from spend
    union all
    select
        {{ add_days("spend.spend_date", "lags.lag_days") }} as event_date,
        spend.channel,
        null as cost_amount,
        spend.amount_reporting as lagged_cost_amount
    from spend
    cross join lags
    where {{ add_days("spend.spend_date", "lags.lag_days") }} <= {{ business_date() }}
),

all_events as (
    select
        event_date,
        cost_amount,
        lagged_cost_amount,
        null as customer_share,
        null as first_amount,
        null as monthly_margin,
        null as lifetime_value
    from costs
    union all
    select
        customer_since_date as event_date,
        null as cost_amount,
        null as lagged_cost_amount,
        1 as customer_share,
        first_amount_reporting as first_amount,
        monthly_gross_margin_amount_reporting as monthly_margin,
        lifetime_value_amount_reporting as lifetime_value
    from customers
),

channel_events as (
    select
        event_date,
        channel,
        cost_amount,
        lagged_cost_amount,
        null as customer_share
    from costs
    union all
    select
        customers.customer_since_date as event_date,
        credits.channel,
        null as cost_amount,
        null as lagged_cost_amount,
        credits.credit_share as customer_share
    from {{ ref("fct_credits") }} as credits
    inner join customers on credits.opportunity_id = customers.first_opportunity_id
    where credits.conversion_type = 'won' and credits.model_name = '{{ var("customer_attribution_model") }}'
),

grouped_events as (
    select
        channel_events.*,
        channels.channel_group
    from channel_events
    left join channels on channel_events.channel = channels.channel
),

all_together as (
    {{ kpi_sums("all_events", "event_date", {}, {
        "cost_amount": "events.cost_amount",
        "lagged_cost_amount": "events.lagged_cost_amount",
        "customer_count": "cast(events.customer_share as decimal(28, 15))",
        "first_amount": "events.first_amount",
        "monthly_margin": "events.monthly_margin",
        "margined_count": "case when events.monthly_margin is not null then 1 end",
        "lifetime_value": "events.lifetime_value",
        "valued_count": "case when events.lifetime_value is not null then 1 end",
    }) }}
),

by_channel as (
    {{ kpi_sums("grouped_events", "event_date", {"channel": "channel", "channel_group": "channel_group"}, {
        "cost_amount": "events.cost_amount",
        "lagged_cost_amount": "events.lagged_cost_amount",
        "customer_count": "cast(events.customer_share as decimal(28, 15))",
    }) }}
),

measured as (
    select
        {{ kpi_cell_columns() }},
        coalesce(cost_amount, 0) as cost_amount,
        coalesce(lagged_cost_amount, 0) as lagged_cost_amount,
        coalesce(cast(customer_count as double), 0) as customer_count,
        cast(first_amount as double) as first_amount,
        -- Those of whom it is known stand for all.
        cast(monthly_margin as double) / margined_count * cast(customer_count as double) as monthly_margin,
        cast(lifetime_value as double) / valued_count * cast(customer_count as double) as lifetime_value
    from all_together
    union all
    select
        {{ kpi_cell_columns() }},
        coalesce(cost_amount, 0) as cost_amount,
        coalesce(lagged_cost_amount, 0) as lagged_cost_amount,
        coalesce(cast(customer_count as double), 0) as customer_count,
        null as first_amount,
        null as monthly_margin,
        null as lifetime_value
    from by_channel
    where segment_type != 'overall'
),

{{ kpi_figures("measured", [
    {"kpi": "cac", "numerator": "cost_amount", "denominator": "customer_count", "n": "round(customer_count)"},
    {
        "kpi": "cac_lagged",
        "numerator": "lagged_cost_amount", "denominator": "customer_count", "n": "round(customer_count)",
    },
    {
        "kpi": "first_order_amount", "only": "segment_type = 'overall'",
        "numerator": "first_amount", "denominator": "customer_count", "n": "round(customer_count)",
    },
    {
        "kpi": "cac_to_first_order", "only": "segment_type = 'overall'",
        "numerator": "cost_amount", "denominator": "first_amount", "n": "round(customer_count)",
    },
    {
        "kpi": "cac_payback_months", "only": "segment_type = 'overall'",
        "numerator": "cost_amount", "denominator": "monthly_margin", "n": "round(customer_count)",
    },
    {
        "kpi": "clv_to_cac", "only": "segment_type = 'overall'",
        "numerator": "lifetime_value", "denominator": "cost_amount", "n": "round(customer_count)",
    },
]) }}

select * from final
