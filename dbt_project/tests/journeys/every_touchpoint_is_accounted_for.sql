-- Each touchpoint is a touch, absorbed by one, or left out for a reason.
with counted as (

    select
        (select count(*) from {{ ref("int_touchpoints_classified") }}) as touchpoint_count,
        (select count(*) from {{ ref("int_touches") }}) as touch_count,
        (select count(*) from {{ ref("int_touch_matches") }}) as absorbed_count,
        (select coalesce(sum(touchpoint_count), 0) from {{ ref("int_touches_excluded") }}) as excluded_count

)

select * from counted
where touchpoint_count != touch_count + absorbed_count + excluded_count
