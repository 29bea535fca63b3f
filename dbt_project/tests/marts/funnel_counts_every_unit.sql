-- The cohorts of a stage together are all units that ever entered it, in every segment and towards every later stage.
with entered as (
    select
        stage,
        count(*) as unit_count
    from {{ ref("fct_stage_entries") }}
    where {{ is_counted_entry() }}
    group by stage
),

cohorts as (
    select
        from_stage,
        to_stage,
        segment_type,
        sum(entered_count) as entered_count
    from {{ ref("fct_funnel_cohort") }}
    group by from_stage, to_stage, segment_type
)

select
    cohorts.*,
    entered.unit_count
from entered
inner join cohorts on entered.stage = cohorts.from_stage
where cohorts.entered_count != entered.unit_count
