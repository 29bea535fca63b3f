-- Who was a customer on the first day of a period, and what they were on the day after its last. A period that is not
-- over yet has no rate.
with months as (
    select * from {{ ref("fct_customer_months") }}
),

periods as (
    select distinct
        period_grain,
        period_start,
        {{ add_days("period_end", 1) }} as next_start
    from {{ ref("dim_date_periods") }}
    where
        period_grain in ('month', 'quarter', 'fiscal_quarter', 'fiscal_year', 'trailing_12_months')
        and is_complete
),

kept as (
    select
        periods.period_grain,
        periods.period_start,
        began.*,
        case when later.account_id is null then 1 else 0 end as lost_count,
        coalesce(later.annual_amount_reporting, 0) as later_amount
    from periods
    inner join months as began on periods.period_start = began.month_start
    left join months as later
        on began.account_id = later.account_id and periods.next_start = later.month_start
),

segments as (
    {{ segment_types(customer_month_segments()) }}
),

segmented as (
    select
        kept.*,
        {{ segment_columns("kept", customer_month_segments()) }}
    from kept
    cross join segments
),

measured as (
    select
        {{ kpi_cell_columns() }},
        count(*) as customer_count,
        sum(lost_count) as lost_count,
        sum(annual_amount_reporting) as start_amount,
        sum(least(annual_amount_reporting, later_amount)) as kept_amount,
        sum(later_amount) as end_amount
    from segmented
    group by {{ kpi_cell_columns() }}
),

{{ kpi_figures("measured", [
    {"kpi": "customer_churn", "numerator": "lost_count", "denominator": "customer_count", "n": "customer_count"},
    {
        "kpi": "gross_revenue_retention",
        "numerator": "kept_amount", "denominator": "start_amount", "n": "customer_count",
    },
    {"kpi": "net_revenue_retention", "numerator": "end_amount", "denominator": "start_amount", "n": "customer_count"},
    {
        "kpi": "customer_churn_annualised", "kind": "compounded", "only": "period_grain = 'month'",
        "value": "1 - power(1 - " ~ ratio("lost_count", "customer_count") ~ ", 12)",
        "numerator": "lost_count", "denominator": "customer_count", "n": "customer_count",
    },
]) }}

select * from final
