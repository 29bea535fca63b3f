-- An amount that its lines do not explain is a line of its own, so that lines always add up to their opportunity.
-- Amounts are rounded as running totals: the parts of a rounded sum then sum to it.
with opportunities as (
    select * from {{ ref("fct_opportunities") }}
),

products as (
    select * from {{ ref("dim_products") }}
),

listed as (
    select * from {{ ref("int_crm_opportunity_lines") }}
),

remainders as (
    select
        opportunities.opportunity_id,
        case
            when count(listed.opportunity_id) = 0 then opportunities.amount
            else coalesce(opportunities.amount, 0) - sum(listed.total_amount)
        end as amount
    from opportunities
    left join listed on opportunities.opportunity_id = listed.opportunity_id
    group by opportunities.opportunity_id, opportunities.amount
    having coalesce(opportunities.amount, 0) - sum(listed.total_amount) != 0 or count(listed.opportunity_id) = 0
),

lines as (
    select
        opportunity_line_id,
        opportunity_id,
        product_id,
        false as is_remainder,
        quantity,
        unit_price,
        list_price,
        discount_percent,
        total_amount as amount
    from listed
    union all
    select
        {{ generate_surrogate_key(["opportunity_id", "'no_line'"]) }} as opportunity_line_id,
        opportunity_id,
        null as product_id,
        true as is_remainder,
        null as quantity,
        null as unit_price,
        null as list_price,
        null as discount_percent,
        amount
    from remainders
),

running as (
    select
        lines.*,
        sum(lines.amount) over (
            partition by lines.opportunity_id
            order by lines.is_remainder, lines.opportunity_line_id
            rows between unbounded preceding and current row
        ) as running_amount
    from lines
),

rounded as (
    select
        running.*,
        opportunities.source_system,
        opportunities.account_id,
        opportunities.opportunity_status,
        opportunities.is_shell,
        opportunities.close_date,
        opportunities.created_date,
        opportunities.days_from_creation_to_close,
        opportunities.currency,
        opportunities.exchange_rate,
        opportunities.reporting_currency,
        {{ rounded_to_minor_unit(
            amount_at_rate("running.running_amount", "opportunities.exchange_rate"),
            "coalesce(currencies.minor_unit_digits, 2)"
        ) }} as running_amount_reporting
    from running
    inner join opportunities on running.opportunity_id = opportunities.opportunity_id
    left join {{ ref("currencies") }} as currencies on currencies.currency = '{{ var("reporting_currency") }}'
),

rate_periods as (
    {{ rate_periods() }}
),

priced as (
    select
        rounded.*,
        products.product_name,
        products.product_family,
        rounded.running_amount_reporting - coalesce(lag(rounded.running_amount_reporting) over (
            partition by rounded.opportunity_id
            order by rounded.is_remainder, rounded.opportunity_line_id
        ), 0) as amount_reporting,
        round({{ amount_at_rate("rounded.quantity * rounded.list_price", "rounded.exchange_rate") }}, 4)
            as list_amount_reporting,
        round({{ amount_at_rate("rounded.quantity * products.unit_cost_amount", "rate_periods.rate") }}, 4)
            as unit_costs_amount
    from rounded
    left join products on rounded.product_id = products.product_id
    left join rate_periods
        on
            rate_periods.currency = '{{ var("corporate_currency") or var("reporting_currency") }}'
            and rounded.close_date >= rate_periods.holds_from
            and rounded.close_date < rate_periods.holds_until
),

margined as (
    select
        *,
        amount_reporting - coalesce(
            unit_costs_amount,
            amount_reporting * (1 - cast({{ var("assumed_gross_margin_share") or "null" }} as decimal(5, 4)))
        ) as gross_margin_amount_reporting
    from priced
),

final as (
    select {{ contract_columns({"cost_amount_reporting": "unit_costs_amount"}) }}
    from margined
)

select * from final
