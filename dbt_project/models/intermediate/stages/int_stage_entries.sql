-- A person's stages belong to whoever owned the lead: a converted one is somebody else's contact by now.
-- A stage entered again in the same cycle is one row, dated by its first entry. Of several deals of a person in a cycle
-- the first is the person's opportunity, and its end the person's end.
with events as (

    select
        events.*,
        row_number() over (
            partition by events.person_id, events.cycle_number, events.stage
            order by events.event_number
        ) as entry_number
    from {{ ref("int_person_stage_events") }} as events
    left join {{ ref("int_person_opportunities") }} as deals
        on events.person_id = deals.person_id and events.opportunity_id = deals.opportunity_id
    where events.opportunity_id is null or deals.opportunity_number = 1

),

entered as (

    select
        person_id,
        cycle_number,
        stage,
        stage_order,
        {%- for column in ["entered_at", "left_at", "next_stage", "is_date_only", "reason", "changed_by_id",
            "opportunity_id"] %}
            max(case when entry_number = 1 then {{ column }} end) as {{ column }},
        {%- endfor %}
        count(*) as entry_count,
        max(case when is_regression then 1 else 0 end) = 1 as has_regression
    from events
    group by person_id, cycle_number, stage, stage_order

),

cycles as (

    select
        person_id,
        cycle_number,
        max(stage_order) as furthest_order
    from entered
    group by person_id, cycle_number

),

skippable as (

    {{ value_rows(["stage", "stage_order"], [["'inquiry'", 1], ["'mql'", 2], ["'sal'", 3], ["'sql'", 4]]) }}

),

-- Every stage that a later one proves was passed, entered when that later stage was.
inferred as (

    select
        cycles.person_id,
        cycles.cycle_number,
        skippable.stage,
        min(later.entered_at) as entered_at,
        min_by(later.stage, later.stage_order) as exit_stage,
        min_by(later.is_date_only, later.stage_order) as is_date_only
    from cycles
    inner join skippable on cycles.furthest_order > skippable.stage_order
    inner join entered as later
        on
            cycles.person_id = later.person_id
            and cycles.cycle_number = later.cycle_number
            and skippable.stage_order < later.stage_order
    left join entered as real
        on
            cycles.person_id = real.person_id
            and cycles.cycle_number = real.cycle_number
            and skippable.stage = real.stage
    where real.person_id is null and (skippable.stage != 'inquiry' or cycles.cycle_number = 1)
    group by cycles.person_id, cycles.cycle_number, skippable.stage

),

person_entries as (

    select
        person_id,
        cycle_number,
        stage,
        entered_at,
        left_at,
        next_stage as exit_stage,
        is_date_only,
        false as is_inferred,
        reason,
        changed_by_id,
        opportunity_id as stage_opportunity_id,
        entry_count,
        has_regression
    from entered
    where stage != 'converted'

    union all

    select
        person_id,
        cycle_number,
        stage,
        entered_at,
        entered_at as left_at,
        exit_stage,
        is_date_only,
        true as is_inferred,
        cast(null as {{ sql_type("string") }}) as reason,
        cast(null as {{ sql_type("string") }}) as changed_by_id,
        cast(null as {{ sql_type("string") }}) as stage_opportunity_id,
        0 as entry_count,
        false as has_regression
    from inferred

),

people as (

    select
        'person' as unit_type,
        entries.person_id as unit_id,
        entries.person_id,
        people.account_id,
        coalesce(entries.stage_opportunity_id, deals.opportunity_id) as opportunity_id,
        entries.cycle_number,
        entries.stage,
        entries.entered_at,
        entries.left_at,
        entries.exit_stage,
        entries.is_inferred,
        entries.is_date_only,
        entries.reason,
        entries.changed_by_id,
        entries.entry_count,
        entries.has_regression,
        people.lead_source,
        coalesce(people.lead_owner_id, people.owner_id) as owner_id
    from person_entries as entries
    inner join {{ ref("int_people_resolved") }} as people on entries.person_id = people.person_id
    left join {{ ref("int_person_opportunities") }} as deals
        on
            entries.person_id = deals.person_id
            and entries.cycle_number = deals.cycle_number
            and deals.opportunity_number = 1

),

origins as (

    select
        opportunity_id,
        min(person_id) as person_id
    from {{ ref("int_opportunity_people") }}
    where is_origin
    group by opportunity_id

),

milestones as (

    {{ value_rows(["stage"], [["'opportunity'"], ["'won'"], ["'lost'"]]) }}

),

opportunities as (

    select
        'opportunity' as unit_type,
        opportunities.opportunity_id as unit_id,
        origins.person_id,
        opportunities.account_id,
        opportunities.opportunity_id,
        1 as cycle_number,
        milestones.stage,
        case
            when milestones.stage = 'opportunity' then opportunities.opportunity_created_at
            else opportunities.closed_at
        end as entered_at,
        case when milestones.stage = 'opportunity' then opportunities.closed_at end as left_at,
        case when milestones.stage = 'opportunity' and opportunities.status != 'open' then opportunities.status end
            as exit_stage,
        false as is_inferred,
        milestones.stage != 'opportunity' and opportunities.is_closed_date_only as is_date_only,
        case when milestones.stage = 'lost' then opportunities.loss_reason end as reason,
        cast(null as {{ sql_type("string") }}) as changed_by_id,
        1 as entry_count,
        false as has_regression,
        opportunities.lead_source,
        opportunities.owner_id
    from {{ ref("int_opportunities") }} as opportunities
    inner join milestones on milestones.stage in ('opportunity', opportunities.status)
    left join origins on opportunities.opportunity_id = origins.opportunity_id

),

stage_entries as (

    select * from people
    union all
    select * from opportunities

),

keyed as (

    select
        {{ generate_surrogate_key(["unit_type", "unit_id", "stage", "cycle_number"]) }} as stage_entry_id,
        stage_entries.*
    from stage_entries

)

select * from keyed
