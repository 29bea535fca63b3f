-- Meetings are what is counted towards, so they are no touches here. A touch of the day of a meeting that is known by
-- its day only stands at the day's start and is before it.
with touches as (
    select
        touch_id,
        account_id,
        touched_at,
        touched_date,
        channel
    from {{ ref("fct_touches") }}
    where account_id is not null and touch_kind != 'meeting'
),

meetings as (
    select
        account_id,
        min(booked_at) as first_booked_at,
        min(case when outcome = 'held' and occurred_at <= {{ business_end() }} then occurred_at end) as first_held_at
    from {{ ref("fct_activities") }}
    where account_id is not null and activity_kind = 'meeting'
    group by account_id
),

counted as (
    select
        touches.account_id,
        min(touches.touched_at) as first_touched_at,
        min(touches.touched_date) as first_touched_date,
        min_by(touches.channel, concat(cast(touches.touched_at as {{ sql_type("string") }}), touches.touch_id))
            as first_channel,
        max(meetings.first_booked_at) as first_booked_at,
        max(meetings.first_held_at) as first_held_at,
        count(*) as touch_count,
        count(case when touches.touched_at <= meetings.first_booked_at then 1 end) as touches_before_booked,
        count(case when touches.touched_at <= meetings.first_held_at then 1 end) as touches_before_held
    from touches
    left join meetings on touches.account_id = meetings.account_id
    group by touches.account_id
),

described as (
    select
        counted.*,
        case when counted.first_booked_at is not null then counted.touches_before_booked end as touches_to_booked,
        case when counted.first_held_at is not null then counted.touches_before_held end as touches_to_held,
        accounts.owner_id,
        accounts.industry,
        accounts.company_size,
        accounts.region,
        accounts.segment as account_segment
    from counted
    left join {{ ref("dim_accounts") }} as accounts on counted.account_id = accounts.account_id
),

final as (
    select {{ contract_columns() }}
    from described
)

select * from final
