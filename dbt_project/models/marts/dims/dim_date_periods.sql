-- A bridge, so that a fact with a date meets every reporting period by one equality join.
with dates as (
    select * from {{ ref("dim_dates") }}
),

months as (
    select distinct
        month_start,
        {{ add_days(dbt.dateadd("month", 1, "month_start"), -1) }} as month_end
    from dates
),

span as (
    select
        min(date_day) as first_day,
        max(date_day) as last_day
    from dates
),

periods as (
    select
        date_day,
        'day' as period_grain,
        date_day as period_start,
        date_day as period_end
    from dates
    union all
    select
        date_day,
        'week' as period_grain,
        week_start as period_start,
        {{ add_days("week_start", 6) }} as period_end
    from dates
    union all
    select
        date_day,
        'month' as period_grain,
        month_start as period_start,
        {{ add_days(dbt.dateadd("month", 1, "month_start"), -1) }} as period_end
    from dates
    union all
    select
        date_day,
        'quarter' as period_grain,
        quarter_start as period_start,
        {{ add_days(dbt.dateadd("month", 3, "quarter_start"), -1) }} as period_end
    from dates
    union all
    select
        date_day,
        'fiscal_quarter' as period_grain,
        fiscal_quarter_start as period_start,
        {{ add_days(dbt.dateadd("month", 3, "fiscal_quarter_start"), -1) }} as period_end
    from dates
    union all
    select
        date_day,
        'fiscal_year' as period_grain,
        fiscal_year_start as period_start,
        {{ add_days(dbt.dateadd("month", 12, "fiscal_year_start"), -1) }} as period_end
    from dates
    union all
    select
        dates.date_day,
        'trailing_12_months' as period_grain,
        {{ dbt.dateadd("month", -11, "months.month_start") }} as period_start,
        months.month_end as period_end
    from dates
    inner join months
        on
            dates.month_start <= months.month_start
            and dates.month_start >= {{ dbt.dateadd("month", -11, "months.month_start") }}
    where months.month_start <= {{ business_date() }}
    union all
    select
        dates.date_day,
        'all_time' as period_grain,
        span.first_day as period_start,
        span.last_day as period_end
    from dates
    cross join span
),

completed as (
    select
        *,
        period_end <= {{ business_date() }} as is_complete
    from periods
),

final as (
    select {{ contract_columns() }}
    from completed
)

select * from final
