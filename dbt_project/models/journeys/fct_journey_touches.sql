{%- set of_touches = ["touch_id", "touched_at", "source_precedence", "source_system", "touch_kind", "person_id",
    "person_key", "channel", "campaign_id", "content_name", "is_offline", "is_direct", "is_marketing"] -%}
with journeys as (

    select
        journeys.*,
        milestones.lead_person_key,
        milestones.lead_created_at,
        milestones.mql_at,
        milestones.sal_at,
        milestones.sql_at
    from {{ ref("int_journeys") }} as journeys
    left join {{ ref("int_journey_milestones") }} as milestones on journeys.journey_id = milestones.journey_id

),

touches as (

    select
        account_id,
        {{ of_touches | join(",\n        ") }}
    from {{ ref("int_touches") }}

),

-- People who share an email share its touches: one key, one row a journey.
parties as (

    select distinct
        people.journey_id,
        people.person_key
    from {{ ref("int_journey_people") }} as people
    inner join journeys on people.journey_id = journeys.journey_id
    where journeys.touches_by = 'people'

),

within as (

    select
        journeys.journey_id,
        touches.{{ of_touches | join(",\n        touches.") }}
    from journeys
    inner join touches
        on
            journeys.account_id = touches.account_id
            and journeys.started_at <= touches.touched_at
            and journeys.ended_at >= touches.touched_at
    where journeys.touches_by = 'account'

    union all

    select
        journeys.journey_id,
        touches.{{ of_touches | join(",\n        touches.") }}
    from journeys
    inner join parties on journeys.journey_id = parties.journey_id
    inner join touches
        on
            parties.person_key = touches.person_key
            and journeys.started_at <= touches.touched_at
            and journeys.ended_at >= touches.touched_at

),

numbered as (

    select
        *,
        row_number() over (
            partition by journey_id
            order by touched_at, source_precedence, touch_id
        ) as touch_number,
        lead(touched_at) over (
            partition by journey_id
            order by touched_at, source_precedence, touch_id
        ) as next_touched_at
    from within

),

-- The creation of the first lead is held by a touch of that very person, soon enough before it.
positions as (

    select
        numbered.journey_id,
        count(*) as touch_count,
        max(case when not numbered.is_direct then numbered.touch_number end) as last_non_direct_number,
        max(case
            when
                numbered.person_key = journeys.lead_person_key
                and numbered.touched_at
                <= {{ add_elapsed_days("journeys.lead_created_at", var("clock_tolerance_minutes") ~ " / 1440e0") }}
                and numbered.touched_at
                >= {{ add_elapsed_days("journeys.lead_created_at", "-" ~ var("milestone_gap_days")) }}
                then numbered.touch_number
        end) as lead_creation_number
    from numbered
    inner join journeys on numbered.journey_id = journeys.journey_id
    group by numbered.journey_id

),

placed as (

    select
        journeys.journey_id,
        case when journeys.outcome = 'converted' then journeys.journey_id end as conversion_id,
        journeys.conversion_type,
        journeys.outcome = 'converted' as is_converted,
        journeys.converted_at,
        journeys.amount,
        journeys.currency,
        journeys.account_id,
        numbered.touch_id,
        numbered.touched_at,
        numbered.person_id,
        numbered.channel,
        numbered.campaign_id,
        numbered.content_name,
        numbered.source_system,
        numbered.touch_kind,
        numbered.is_offline,
        numbered.is_direct,
        numbered.is_marketing,
        roles.buying_role,
        cast(numbered.touch_number as integer) as touch_number,
        cast(positions.touch_count as integer) as touch_count,
        {{ days_between("numbered.touched_at", "journeys.ended_at") }} as days_before_conversion,
        numbered.touch_number = 1 as is_first,
        numbered.touch_number = positions.touch_count as is_last,
        numbered.touch_number = coalesce(positions.last_non_direct_number, positions.touch_count) as is_last_non_direct,
        coalesce(numbered.touch_number = positions.lead_creation_number, false) as is_lead_creation,
        {%- for flag, instant in {
            "is_mql": "mql_at", "is_sal": "sal_at", "is_sql": "sql_at",
            "is_opportunity_creation": "opportunity_created_at",
        }.items() %}
            coalesce(
                numbered.touched_at <= journeys.{{ instant }}
                and (numbered.next_touched_at is null or numbered.next_touched_at > journeys.{{ instant }}),
                false
            ) as {{ flag }},
        {%- endfor %}
        journeys.conversion_type = 'won'
        and journeys.outcome = 'converted'
        and numbered.touch_number = positions.touch_count as is_closing
    from numbered
    inner join journeys on numbered.journey_id = journeys.journey_id
    inner join positions on numbered.journey_id = positions.journey_id
    left join {{ ref("int_opportunity_people") }} as roles
        on journeys.opportunity_id = roles.opportunity_id and numbered.person_id = roles.person_id

),

journey_touches as (

    select
        *,
        cast(
            case when is_lead_creation then 1 else 0 end
            + case when is_mql then 1 else 0 end
            + case when is_sal then 1 else 0 end
            + case when is_sql then 1 else 0 end
            + case when is_opportunity_creation then 1 else 0 end
            + case when is_closing then 1 else 0 end
            as integer
        ) as milestone_count
    from placed

)

select * from journey_touches
