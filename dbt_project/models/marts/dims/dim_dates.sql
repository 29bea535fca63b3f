-- From the first to the last day that anything happens on or is expected to, in whole years. A mistyped year must not
-- make a calendar of centuries: it reaches fifty years from the business date at most.
with days as (
    select {{ business_date() }} as date_day
    union all
    select min(close_date) as date_day from {{ ref("int_opportunities") }}
    union all
    select max(close_date) as date_day from {{ ref("int_opportunities") }}
    union all
    select {{ local_date("min(entered_at)") }} as date_day from {{ ref("int_stage_entries") }}
    union all
    select {{ local_date("min(touched_at)") }} as date_day from {{ ref("int_touches") }}
    union all
    select min(starts_on) as date_day from {{ ref("int_subscriptions") }}
    union all
    select min(spend_date) as date_day from {{ ref("int_spend_classified") }}
),

span as (
    select
        cast(date_trunc('year', min(date_day)) as date) as first_day,
        {{ add_days(dbt.dateadd('year', 1, "date_trunc('year', max(date_day))"), -1) }} as last_day
    from days
    where
        date_day >= {{ dbt.dateadd("year", -50, business_date()) }}
        and date_day <= {{ dbt.dateadd("year", 50, business_date()) }}
),

series as (
    select {{ each_day("first_day", "last_day") }} as date_day
    from span
),

dated as (
    select
        date_day,
        cast(date_trunc('week', date_day) as date) as week_start,
        cast(date_trunc('month', date_day) as date) as month_start,
        cast(date_trunc('quarter', date_day) as date) as quarter_start,
        cast(date_trunc('year', date_day) as date) as year_start,
        {{ fiscal_start("quarter", "date_day") }} as fiscal_quarter_start,
        {{ fiscal_start("year", "date_day") }} as fiscal_year_start,
        extract(year from date_day) as year_number,
        extract(quarter from date_day) as quarter_number,
        extract(month from date_day) as month_number,
        extract(day from date_day) as day_of_month_number,
        {{ calendar_days_between("cast(date_trunc('week', date_day) as date)", 'date_day') }} + 1 as day_of_week_number,
        date_day <= {{ business_date() }} as is_past
    from series
),

numbered as (
    select
        *,
        day_of_week_number >= 6 as is_weekend,
        extract(year from {{ dbt.dateadd("month", 11, "fiscal_year_start") }}) as fiscal_year_number,
        extract(quarter from {{ dbt.dateadd("month", -fiscal_shift(), "date_day") }}) as fiscal_quarter_number
    from dated
),

final as (
    select {{ contract_columns() }}
    from numbered
)

select * from final
