-- A person is in the funnel as a lead, or by any recorded stage. The deals that came from a person are stages of that
-- person too.
with history as (

    select
        members.person_id,
        stages.stage,
        stages.entered_at,
        coalesce(stages.is_date_only, false) as is_date_only,
        stages.reason,
        stages.changed_by_id,
        cast(null as {{ sql_type("string") }}) as opportunity_id,
        stages.person_stage_id as evidence
    from {{ ref("int_crm_person_stages") }} as stages
    inner join {{ ref("int_person_members") }} as members on stages.person_id = members.member_person_id
    inner join {{ ref("int_crm_people") }} as people on stages.person_id = people.person_id
    -- What a lead record was created as is told by `created`, once per person however many records were merged. A
    -- contact's own history is all that a CRM without leads has.
    where
        stages.stage != 'unknown'
        and not (stages.stage = 'inquiry' and stages.entered_at = people.created_at and people.person_type = 'lead')

),

created as (

    select
        person_id,
        'inquiry' as stage,
        lead_created_at as entered_at,
        false as is_date_only,
        cast(null as {{ sql_type("string") }}) as reason,
        cast(null as {{ sql_type("string") }}) as changed_by_id,
        cast(null as {{ sql_type("string") }}) as opportunity_id,
        'created' as evidence
    from {{ ref("int_people_resolved") }}
    where is_lead

),

conversions as (

    select
        person_id,
        'converted' as stage,
        {{ end_of_day("converted_on") }} as entered_at,
        true as is_date_only,
        cast(null as {{ sql_type("string") }}) as reason,
        cast(null as {{ sql_type("string") }}) as changed_by_id,
        cast(null as {{ sql_type("string") }}) as opportunity_id,
        'converted' as evidence
    from {{ ref("int_people_resolved") }}
    where converted_on is not null

),

in_funnel as (

    select person_id from history
    union
    select person_id from created

),

-- A lead that is converted into a deal that is open already comes to it on the day of its conversion. What is sold to a
-- customer again came from none of its people's time as a lead, unless one was converted into it.
deals as (

    select
        people.person_id,
        opportunities.opportunity_id,
        case
            when resolved.converted_on > {{ local_date("opportunities.opportunity_created_at") }}
                then least({{ end_of_day("resolved.converted_on") }}, opportunities.closed_at)
            else opportunities.opportunity_created_at
        end as joined_at,
        coalesce(resolved.converted_on > {{ local_date("opportunities.opportunity_created_at") }}, false)
            as is_joined_date_only,
        opportunities.status,
        opportunities.closed_at,
        opportunities.is_closed_date_only,
        opportunities.loss_reason
    from {{ ref("int_opportunity_people") }} as people
    inner join in_funnel on people.person_id = in_funnel.person_id
    inner join {{ ref("int_opportunities") }} as opportunities on people.opportunity_id = opportunities.opportunity_id
    inner join {{ ref("int_people_resolved") }} as resolved on people.person_id = resolved.person_id
    where
        people.is_origin
        and (
            people.is_converted_lead
            or coalesce(opportunities.opportunity_type, 'new_business') not in ('expansion', 'renewal')
        )

),

events as (

    select * from history
    union all
    select * from created
    union all
    select * from conversions
    union all
    select
        person_id,
        'opportunity' as stage,
        joined_at as entered_at,
        is_joined_date_only as is_date_only,
        cast(null as {{ sql_type("string") }}) as reason,
        cast(null as {{ sql_type("string") }}) as changed_by_id,
        opportunity_id,
        opportunity_id as evidence
    from deals
    union all
    select
        person_id,
        status as stage,
        closed_at as entered_at,
        is_closed_date_only as is_date_only,
        loss_reason as reason,
        cast(null as {{ sql_type("string") }}) as changed_by_id,
        opportunity_id,
        opportunity_id as evidence
    from deals
    where status != 'open'

),

placed as (

    select
        events.*,
        {{ funnel_order("events.stage") }} as stage_order,
        {{ local_date("events.entered_at") }} as entered_on
    from events
    where events.entered_at <= {{ business_end() }}

),

-- A stage known by its day stands at the end of that day, but not after a later stage of the person that day.
later_that_day as (

    select
        dated.person_id,
        dated.stage,
        dated.evidence,
        min(stamped.entered_at) as entered_at
    from placed as dated
    inner join placed as stamped
        on
            dated.person_id = stamped.person_id
            and dated.entered_on = stamped.entered_on
            and dated.stage_order < stamped.stage_order
    where dated.is_date_only and not stamped.is_date_only
    group by dated.person_id, dated.stage, dated.evidence

),

timed as (

    select
        placed.person_id,
        placed.stage,
        placed.stage_order,
        coalesce(later_that_day.entered_at, placed.entered_at) as entered_at,
        placed.is_date_only,
        placed.reason,
        placed.changed_by_id,
        placed.opportunity_id,
        placed.evidence
    from placed
    left join later_that_day
        on
            placed.person_id = later_that_day.person_id
            and placed.stage = later_that_day.stage
            and placed.evidence = later_that_day.evidence

),

-- A stage that is written again while it lasts is the same stage; another deal of the same person is not.
changes as (

    select *
    from (
        select
            *,
            lag(concat(stage, coalesce(opportunity_id, ''))) over (
                partition by person_id
                order by entered_at, coalesce(stage_order, 9), stage, evidence
            ) as previous_stage
        from timed
    ) as with_previous
    where previous_stage is null or previous_stage != concat(stage, coalesce(opportunity_id, ''))

),

numbered as (

    select
        *,
        row_number() over (
            partition by person_id
            order by entered_at, coalesce(stage_order, 9), stage, evidence
        ) as event_number,
        sum(case when {{ ends_cycle("stage") }} then 1 else 0 end) over (
            partition by person_id
            order by entered_at, coalesce(stage_order, 9), stage, evidence
            rows between unbounded preceding and current row
        ) as ends_so_far
    from changes

),

-- A new cycle: an MQL after a stage that ended the cycle in which the person was qualified before.
marked as (

    select
        *,
        coalesce(stage = 'mql' and ends_so_far > max(case when stage_order between 2 and 4 then ends_so_far end) over (
            partition by person_id
            order by event_number
            rows between unbounded preceding and 1 preceding
        ), false) as starts_cycle,
        -- The conversion of a record is no stage to leave for.
        min(case when stage != 'converted' then event_number end) over (
            partition by person_id
            order by event_number
            rows between 1 following and unbounded following
        ) as next_event_number
    from numbered

),

cycled as (

    select
        *,
        1 + sum(case when starts_cycle then 1 else 0 end) over (
            partition by person_id
            order by event_number
            rows between unbounded preceding and current row
        ) as cycle_number
    from marked

),

-- A deal ends in the cycle that it began in.
dealt as (

    select
        *,
        case
            when opportunity_id is null then cycle_number
            else max(case when stage = 'opportunity' then cycle_number end) over (
                partition by person_id, opportunity_id
            )
        end as deal_cycle_number
    from cycled

),

stage_events as (

    select
        dealt.person_id,
        dealt.event_number,
        cast(coalesce(dealt.deal_cycle_number, dealt.cycle_number) as integer) as cycle_number,
        dealt.stage,
        dealt.stage_order,
        dealt.entered_at,
        next_events.entered_at as left_at,
        next_events.stage as next_stage,
        dealt.is_date_only,
        coalesce(dealt.stage_order < max(dealt.stage_order) over (
            partition by dealt.person_id, dealt.cycle_number
            order by dealt.event_number
            rows between unbounded preceding and 1 preceding
        ), false) as is_regression,
        dealt.reason,
        dealt.changed_by_id,
        dealt.opportunity_id
    from dealt
    left join numbered as next_events
        on dealt.person_id = next_events.person_id and dealt.next_event_number = next_events.event_number

)

select * from stage_events
