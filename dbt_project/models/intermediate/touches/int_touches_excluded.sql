with touchpoints as (

    select
        source_system,
        touch_kind,
        case
            when touched_at is null then 'no_time'
            when is_excluded then coalesce(exclusion_reason, 'excluded')
            when not coalesce(is_admitted, false) then 'kind_not_admitted'
            when touched_at > {{ business_end() }} then 'after_business_date'
        end as exclusion_reason,
        touched_at
    from {{ ref("int_touchpoints_classified") }}

),

counted as (

    select
        source_system,
        touch_kind,
        exclusion_reason,
        count(*) as touchpoint_count,
        min(touched_at) as first_touched_at,
        max(touched_at) as last_touched_at
    from touchpoints
    where exclusion_reason is not null
    group by source_system, touch_kind, exclusion_reason

)

select * from counted
