-- The minutes of all days before make the time between two instants a difference of two sums: no join of ranges.
with days as (
    select
        dates.date_day,
        hours.opens_at_time,
        hours.closes_at_time,
        holidays.holiday_date is not null as is_holiday
    from {{ ref("dim_dates") }} as dates
    left join {{ ref("business_hours") }} as hours on dates.day_of_week_number = hours.day_of_week_number
    left join {{ ref("holidays") }} as holidays on dates.date_day = holidays.holiday_date
),

opened as (
    select
        date_day,
        is_holiday,
        case when not is_holiday then {{ local_to_utc(at_time_of_day("date_day", "opens_at_time")) }} end as opens_at,
        case when not is_holiday then {{ local_to_utc(at_time_of_day("date_day", "closes_at_time")) }} end as closes_at
    from days
),

lasting as (
    select
        *,
        coalesce({{ minutes_between("opens_at", "closes_at") }}, 0) as business_minutes
    from opened
),

summed as (
    select
        *,
        coalesce(sum(business_minutes) over (
            order by date_day
            rows between unbounded preceding and 1 preceding
        ), 0) as business_minutes_before
    from lasting
),

final as (
    select {{ contract_columns() }}
    from summed
)

select * from final
