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

valued as (
    {%- for kpi, (numerator, denominator) in {
        'customer_churn': ('lost_count', 'customer_count'),
        'gross_revenue_retention': ('kept_amount', 'start_amount'),
        'net_revenue_retention': ('end_amount', 'start_amount'),
    }.items() %}
    select
        '{{ kpi }}' as kpi,
        {{ kpi_cell_columns() }},
        {{ ratio(numerator, denominator) }} as value,
        'ratio' as value_kind,
        cast({{ numerator }} as double) as numerator,
        cast({{ denominator }} as double) as denominator,
        customer_count as n
    from measured
    union all
    {%- endfor %}
    -- What the churn of one month would make of a year if it went on: 1 - (1 - m)^12.
    select
        'customer_churn_annualised' as kpi,
        {{ kpi_cell_columns() }},
        1 - power(1 - {{ ratio('lost_count', 'customer_count') }}, 12) as value,
        'compounded' as value_kind,
        cast(lost_count as double) as numerator,
        cast(customer_count as double) as denominator,
        customer_count as n
    from measured
    where period_grain = 'month'
),

final as (
    select {{ contract_columns() }}
    from valued
)

select * from final
