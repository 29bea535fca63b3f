-- Only times that are known count: not of stages that are inferred, nor of those that are still on.
with entries as (
    select
        *,
        days_in_stage as days
    from {{ ref("fct_stage_entries") }}
    where
        {{ is_counted_entry() }}
        and stage not in ('won', 'lost', 'rejected', 'recycled', 'disqualified')
),

ended as (
    select * from entries
    where days is not null
),

still_open as (
    select * from entries
    where left_at is null and not is_inferred
),

{{ kpi_durations(
    "days_in_stage", "ended", "left_date", {"stage": "stage"}, "still_open", "entered_date", grains=months_and_longer(),
    is_many=true
) }}

-- Of all stages together it would be the time of no unit.
select * from final
where segment_type = 'stage'
