-- A person's journey has the stages of its own cycle; a group's journey the first of each stage that anybody of the
-- group entered while it lasted. Skipped stages are not milestones.
with journeys as (

    select * from {{ ref("int_journeys") }}

),

people as (

    select * from {{ ref("int_journey_people") }}

),

first_people as (

    select
        journey_id,
        person_id,
        person_key,
        created_at
    from (
        select
            *,
            row_number() over (partition by journey_id order by created_at, person_id) as person_rank
        from people
    ) as ranked
    where person_rank = 1

),

entries as (

    select
        person_id,
        cycle_number,
        stage,
        entered_at
    from {{ ref("int_stage_entries") }}
    where unit_type = 'person' and stage in ('mql', 'sal', 'sql') and not is_inferred

),

stages as (

    select
        journeys.journey_id,
        min(case when entries.stage = 'mql' then entries.entered_at end) as mql_at,
        min(case when entries.stage = 'sal' then entries.entered_at end) as sal_at,
        min(case when entries.stage = 'sql' then entries.entered_at end) as sql_at
    from journeys
    inner join people on journeys.journey_id = people.journey_id
    inner join entries on people.person_id = entries.person_id
    where
        entries.entered_at <= journeys.ended_at
        and case
            when journeys.conversion_type in ('mql', 'sal', 'sql') then entries.cycle_number = journeys.cycle_number
            else entries.entered_at >= journeys.started_at
        end
    group by journeys.journey_id

),

milestones as (

    select
        journeys.journey_id,
        case when first_people.created_at <= journeys.ended_at then first_people.person_id end as lead_person_id,
        case when first_people.created_at <= journeys.ended_at then first_people.person_key end as lead_person_key,
        case when first_people.created_at <= journeys.ended_at then first_people.created_at end as lead_created_at,
        stages.mql_at,
        stages.sal_at,
        stages.sql_at
    from journeys
    left join first_people on journeys.journey_id = first_people.journey_id
    left join stages on journeys.journey_id = stages.journey_id

)

select * from milestones
