-- An account is disqualified when everybody known there is; one open person keeps it open.
with last_stages as (

    select
        person_id,
        stage,
        entered_at
    from (
        select
            person_id,
            stage,
            entered_at,
            row_number() over (partition by person_id order by event_number desc) as number_from_end
        from {{ ref("int_person_stage_events") }}
    ) as ranked
    where number_from_end = 1

),

people as (

    select
        people.account_id,
        count(*) as person_count,
        min(people.created_at) as first_person_created_at,
        count(case when last_stages.stage = 'disqualified' then 1 end) as disqualified_count,
        max(case when last_stages.stage = 'disqualified' then last_stages.entered_at end) as last_disqualified_at
    from {{ ref("int_people_resolved") }} as people
    left join last_stages on people.person_id = last_stages.person_id
    where people.account_id is not null and people.created_at <= {{ business_end() }}
    group by people.account_id

),

endings as (

    select
        accounts.account_id,
        accounts.created_at as account_created_at,
        people.first_person_created_at,
        case
            when people.person_count = people.disqualified_count then people.last_disqualified_at
        end as disqualified_at
    from {{ ref("int_accounts") }} as accounts
    left join people on accounts.account_id = people.account_id
    where accounts.created_at <= {{ business_end() }}

)

select * from endings
