{%- set grain = journey_grain() -%}
-- Those who could have opened a deal and have not. Where journeys are people's these are the people of the funnel; else
-- accounts, with everybody resolved to them: nobody has a role in a deal that does not exist.
with units as (
    {% if grain == "person" %}
    select
        cycles.person_id as unit_id,
        people.account_id,
        cycles.person_id,
        case when cycles.last_stage = 'disqualified' then cycles.last_entered_at end as disqualified_at
    from (
        select
            person_id,
            max(case when number_from_end = 1 then stage end) as last_stage,
            max(case when number_from_end = 1 then entered_at end) as last_entered_at
        from (
            select
                person_id,
                stage,
                entered_at,
                row_number() over (partition by person_id order by event_number desc) as number_from_end
            from {{ ref("int_person_stage_events") }}
        ) as ranked
        group by person_id
    ) as cycles
    inner join {{ ref("int_people_resolved") }} as people on cycles.person_id = people.person_id
    left join (
        select distinct person_id from {{ ref("int_opportunity_people") }}
        where is_origin
    ) as origins on cycles.person_id = origins.person_id
    where origins.person_id is null
    {% else %}
    select
        endings.account_id as unit_id,
        endings.account_id,
        cast(null as {{ sql_type("string") }}) as person_id,
        endings.disqualified_at
    from {{ ref("int_account_endings") }} as endings
    left join (
        select distinct account_id from {{ ref("int_opportunities") }}
    ) as opened on endings.account_id = opened.account_id
    where opened.account_id is null
    {% endif %}
),

journeys as (

    select
        concat_ws(':', 'opportunity', '{{ "person" if grain == "person" else "account" }}', unit_id) as journey_id,
        'opportunity' as conversion_type,
        case when disqualified_at is null then 'open' else 'disqualified' end as outcome,
        '{{ grain }}' as journey_grain,
        '{{ "people" if grain == "person" else "account" }}' as touches_by,
        unit_id,
        account_id,
        person_id,
        1 as cycle_number,
        {{ add_elapsed_days(
            "coalesce(disqualified_at, " ~ business_end() ~ ")", "-" ~ lookback_days("opportunity")
        ) }} as started_at,
        coalesce(disqualified_at, {{ business_end() }}) as ended_at,
        cast(null as timestamp) as converted_at,
        {{ local_date("coalesce(disqualified_at, " ~ business_end() ~ ")") }} as reporting_date
    from units

)

select * from journeys
