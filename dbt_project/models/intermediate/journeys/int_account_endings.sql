-- An account is disqualified when everybody known there is; one open person keeps it open.
with people as (

    select
        people.account_id,
        count(*) as person_count,
        count(endings.disqualified_at) as disqualified_count,
        min(people.created_at) as first_person_created_at,
        max(endings.disqualified_at) as last_disqualified_at
    from {{ ref("int_people_resolved") }} as people
    left join {{ ref("int_person_endings") }} as endings on people.person_id = endings.person_id
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
