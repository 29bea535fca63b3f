with touches as (
    select * from {{ ref("int_touches") }}
),

journeys as (
    select
        touch_id,
        count(distinct journey_id) as journey_count,
        count(distinct conversion_id) as conversion_count
    from {{ ref("fct_journey_touches") }}
    group by touch_id
),

joined as (
    select
        touches.*,
        {{ local_date("touches.touched_at") }} as touched_date,
        coalesce(journeys.journey_count, 0) as journey_count,
        coalesce(journeys.conversion_count, 0) as conversion_count
    from touches
    left join journeys on touches.touch_id = journeys.touch_id
),

final as (
    select {{ contract_columns() }}
    from joined
)

select * from final
