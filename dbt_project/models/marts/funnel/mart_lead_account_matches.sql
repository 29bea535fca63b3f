-- What the rules say stays beside what seed account_overrides makes of it, so that a link can be judged and undone, and
-- the undoing itself can be undone.
with people as (
    select * from {{ ref("int_people_resolved") }}
    where is_lead and converted_on is null and not is_contact
),

overrides as (
    select
        members.person_id,
        max(overrides.note) as override_note
    from {{ ref("account_overrides") }} as overrides
    inner join {{ ref("int_person_members") }} as members on overrides.person_id = members.member_person_id
    group by members.person_id
),

joined as (
    select
        people.*,
        {{ domain_of_email("people.email") }} as email_domain,
        accounts.account_name,
        overrides.person_id is not null as is_overridden,
        overrides.override_note
    from people
    left join overrides on people.person_id = overrides.person_id
    left join {{ ref("dim_accounts") }} as accounts on people.account_id = accounts.account_id
),

final as (
    select {{ contract_columns() }}
    from joined
)

select * from final
