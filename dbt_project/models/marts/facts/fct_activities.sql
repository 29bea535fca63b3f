with activities as (
    select * from {{ ref("int_crm_activities") }}
    where booked_at <= {{ business_end() }}
),

-- Whose it was: the person and the account that survived merges; without an account of its own, the person's.
resolved as (
    select
        activities.*,
        people.person_id as resolved_person_id,
        coalesce(accounts.account_id, people.account_id) as resolved_account_id,
        {{ local_date("activities.booked_at") }} as booked_date,
        {{ local_date("activities.occurred_at") }} as occurred_date,
        users.team,
        activities.occurred_at <= {{ business_end() }} and (
            activities.outcome = 'held'
            or (activities.is_outbound and activities.outcome in ('completed', 'connected'))
        ) as is_human_contact,
        activities.occurred_at <= {{ business_end() }} and activities.outcome in ('held', 'connected') as is_answered
    from activities
    left join {{ ref("int_person_members") }} as members on activities.person_id = members.member_person_id
    left join {{ ref("int_people_resolved") }} as people on members.person_id = people.person_id
    left join {{ ref("int_account_members") }} as accounts on activities.account_id = accounts.member_account_id
    left join {{ ref("int_crm_users") }} as users on activities.owner_id = users.user_id
),

final as (
    select {{ contract_columns({"person_id": "resolved_person_id", "account_id": "resolved_account_id"}) }}
    from resolved
)

select * from final
