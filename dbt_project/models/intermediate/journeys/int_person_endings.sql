with events as (

    select
        person_id,
        stage,
        entered_at,
        row_number() over (partition by person_id order by event_number desc) as number_from_end
    from {{ ref("int_person_stage_events") }}

),

endings as (

    select
        events.person_id,
        people.account_id,
        events.stage as last_stage,
        case when events.stage = 'disqualified' then events.entered_at end as disqualified_at
    from events
    inner join {{ ref("int_people_resolved") }} as people on events.person_id = people.person_id
    where events.number_from_end = 1

)

select * from endings
