with acquisition as (
    select * from {{ ref("kpi_customer_acquisition") }}
    where segment_type = 'overall'
),

lifetime as (
    select * from {{ ref("kpi_customer_lifetime_value") }}
    where segment_type = 'overall' and kpi = 'clv'
),

pivoted as (
    select
        period_grain,
        period_start,
        max(case when kpi = 'cac' then numerator end) as cost,
        max(case when kpi = 'cac' then n end) as new_customer_count,
        max(case when kpi = 'cac' then value end) as cac,
        max(case when kpi = 'cac_lagged' then value end) as cac_lagged,
        max(case when kpi = 'first_order_amount' then value end) as first_order_amount,
        max(case when kpi = 'cac_to_first_order' then value end) as cac_to_first_order,
        max(case when kpi = 'cac_payback_months' then value end) as cac_payback_months,
        max(case when kpi = 'clv_to_cac' then value end) as clv_to_cac
    from acquisition
    group by period_grain, period_start
),

joined as (
    select
        pivoted.*,
        lifetime.value as clv,
        pivoted.new_customer_count < {{ var("small_base_count") }} as is_small_base,
        '{{ var("reporting_currency") }}' as reporting_currency
    from pivoted
    left join lifetime
        on pivoted.period_grain = lifetime.period_grain and pivoted.period_start = lifetime.period_start
),

final as (
    select
        {{ contract_columns({
            "cost_amount_reporting": "cost",
            "cac_amount_reporting": "cac",
            "cac_lagged_amount_reporting": "cac_lagged",
            "first_order_amount_reporting": "first_order_amount",
            "clv_amount_reporting": "clv",
        }) }}
    from joined
)

select * from final
