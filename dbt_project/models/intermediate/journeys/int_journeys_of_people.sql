-- Only a recorded stage is a conversion. A stage that was skipped, and is known only because a later one was reached,
-- is neither a conversion nor a failure to convert: its person and cycle have no journey of that type.
with events as (

    select
        person_id,
        cycle_number,
        stage,
        entered_at,
        row_number() over (
            partition by person_id, cycle_number
            order by event_number desc
        ) as number_from_end
    from {{ ref("int_person_stage_events") }}
    where stage != 'converted'

),

cycles as (

    select
        person_id,
        cycle_number,
        max(case when number_from_end = 1 then stage end) as last_stage,
        max(case when number_from_end = 1 then entered_at end) as last_entered_at,
        lead(min(entered_at)) over (partition by person_id order by cycle_number) as next_cycle_started_at
    from events
    group by person_id, cycle_number

),

conversion_types as (

    {{ value_rows(
        ["conversion_type", "lookback_days"],
        [["'mql'", lookback_days("mql")], ["'sal'", lookback_days("sal")], ["'sql'", lookback_days("sql")]]
    ) }}

),

endings as (

    select
        cycles.person_id,
        cycles.cycle_number,
        conversion_types.conversion_type,
        conversion_types.lookback_days,
        entries.entered_at as converted_at,
        case
            when entries.entered_at is not null then 'converted'
            when cycles.last_stage = 'disqualified' then 'disqualified'
            when cycles.last_stage in ('rejected', 'recycled') or cycles.next_cycle_started_at is not null then 'lost'
            else 'open'
        end as outcome,
        case
            when entries.entered_at is not null then entries.entered_at
            when cycles.last_stage in ('disqualified', 'rejected', 'recycled') then cycles.last_entered_at
            else coalesce(cycles.next_cycle_started_at, {{ business_end() }})
        end as ended_at
    from cycles
    cross join conversion_types
    left join {{ ref("int_stage_entries") }} as entries
        on
            entries.unit_type = 'person'
            and cycles.person_id = entries.unit_id
            and cycles.cycle_number = entries.cycle_number
            and conversion_types.conversion_type = entries.stage
    where not coalesce(entries.is_inferred, false)

),

journeys as (

    select
        concat_ws(
            ':', endings.conversion_type, endings.person_id, cast(endings.cycle_number as {{ sql_type("string") }})
        ) as journey_id,
        endings.conversion_type,
        endings.outcome,
        'person' as journey_grain,
        'people' as touches_by,
        endings.person_id as unit_id,
        people.account_id,
        endings.person_id,
        endings.cycle_number,
        {{ add_elapsed_days("endings.ended_at", "-endings.lookback_days") }} as started_at,
        endings.ended_at,
        endings.converted_at,
        {{ local_date("endings.ended_at") }} as reporting_date
    from endings
    inner join {{ ref("int_people_resolved") }} as people on endings.person_id = people.person_id

)

select * from journeys
