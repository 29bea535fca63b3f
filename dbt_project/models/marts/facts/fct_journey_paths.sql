with journeys as (
    select * from {{ ref("fct_journeys") }}
),

touches as (
    select * from {{ ref("fct_journey_touches") }}
),

ordered as (
    select
        *,
        lag(channel) over (partition by journey_id order by touch_number) as previous_channel
    from touches
),

-- The same path shortened to each channel's first appearance: long journeys would else all be paths of their own.
appearances as (
    select
        journey_id,
        channel,
        min(touch_number) as touch_number
    from touches
    group by journey_id, channel
),

short_paths as (
    select
        journey_id,
        {{ joined_texts("channel", " > ", "touch_number") }} as short_path
    from appearances
    group by journey_id
),

-- A path names a channel once for a run of touches on it: five web sessions in a row are one step.
paths as (
    select
        journey_id,
        {{ joined_texts("channel", " > ", "touch_number") }} as channel_path,
        count(*) as step_count
    from ordered
    where previous_channel is null or previous_channel != channel
    group by journey_id
),

measured as (
    select
        journey_id,
        max(case when is_first then channel end) as first_channel,
        max(case when is_last then channel end) as last_channel,
        max(case when is_first then touched_at end) as first_touched_at,
        max(days_before_conversion) as days_from_first_touch,
        count(distinct channel) as channel_count,
        count(distinct person_id) as person_count,
        count(case when is_offline then 1 end) as offline_touch_count
    from touches
    group by journey_id
),

joined as (
    select
        journeys.*,
        coalesce(paths.channel_path, 'no_touch') as channel_path,
        coalesce(short_paths.short_path, 'no_touch') as short_path,
        coalesce(paths.step_count, 0) as step_count,
        measured.first_channel,
        measured.last_channel,
        measured.first_touched_at,
        measured.days_from_first_touch,
        coalesce(measured.channel_count, 0) as channel_count,
        coalesce(measured.person_count, 0) as person_count,
        coalesce(measured.offline_touch_count, 0) as offline_touch_count,
        {{ calendar_days_between(local_date("journeys.lead_created_at"), "journeys.reporting_date") }}
            as days_from_lead_created
    from journeys
    left join paths on journeys.journey_id = paths.journey_id
    left join short_paths on journeys.journey_id = short_paths.journey_id
    left join measured on journeys.journey_id = measured.journey_id
),

final as (
    select {{ contract_columns() }}
    from joined
)

select * from final
