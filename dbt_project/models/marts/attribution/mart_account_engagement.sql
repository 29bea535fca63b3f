with people as (
    select
        person_id,
        account_id
    from {{ ref("int_people_resolved") }}
    where account_id is not null
),

-- Somebody may have had several roles: the role on the account's youngest opportunity is the one they have now.
roles as (
    select
        members.person_id,
        opportunities.account_id,
        members.buying_role,
        row_number() over (
            partition by members.person_id, opportunities.account_id
            order by
                opportunities.opportunity_created_at desc,
                opportunities.opportunity_id desc,
                members.buying_role asc
        ) as role_number
    from {{ ref("int_opportunity_people") }} as members
    inner join {{ ref("int_opportunities") }} as opportunities
        on members.opportunity_id = opportunities.opportunity_id
    where members.buying_role is not null
),

latest_roles as (
    select * from roles
    where role_number = 1
),

members as (
    select
        coalesce(people.person_id, latest_roles.person_id) as person_id,
        coalesce(people.account_id, latest_roles.account_id) as account_id,
        coalesce(latest_roles.buying_role, 'no_role') as buying_role
    from people
    full outer join latest_roles
        on
            people.person_id = latest_roles.person_id
            and people.account_id = latest_roles.account_id
    where coalesce(people.account_id, latest_roles.account_id) is not null
),

touches as (
    select * from {{ ref("fct_touches") }}
    where account_id is not null
),

-- People without a touch stay, and so do touches of people whom nobody knows.
engaged as (
    select
        coalesce(members.account_id, touches.account_id) as account_id,
        coalesce(members.buying_role, 'unidentified') as buying_role,
        members.person_id as member_id,
        touches.touch_id,
        touches.channel,
        touches.touched_at,
        touches.touched_date,
        touches.is_offline,
        touches.is_marketing
    from members
    full outer join touches
        on
            members.person_id = touches.person_id
            and members.account_id = touches.account_id
),

measured as (
    select
        account_id,
        buying_role,
        count(distinct member_id) as people_count,
        count(distinct case when touch_id is not null then member_id end) as touched_people_count,
        count(touch_id) as touch_count,
        count(case when is_marketing then 1 end) as marketing_touch_count,
        count(case when is_offline then 1 end) as offline_touch_count,
        count(distinct channel) as channel_count,
        count(case when touched_date > {{ add_days(business_date(), -30) }} then 1 end) as last_30_days_touch_count,
        count(case when touched_date > {{ add_days(business_date(), -90) }} then 1 end) as last_90_days_touch_count,
        min(touched_at) as first_touched_at,
        max(touched_at) as last_touched_at,
        {{ calendar_days_between("max(touched_date)", business_date()) }} as days_since_last_touch
    from engaged
    group by account_id, buying_role
),

final as (
    select {{ contract_columns() }}
    from measured
)

select * from final
