-- A person with several roles keeps the primary one, then the one that decides most. The person a deal came from is
-- the one whose lead was converted into it; where no lead was, its primary contact.
with roles as (

    select
        roles.opportunity_id,
        members.person_id,
        roles.buying_role,
        coalesce(roles.is_primary, false) as is_primary,
        row_number() over (
            partition by roles.opportunity_id, members.person_id
            order by
                case when roles.is_primary then 0 else 1 end,
                case roles.buying_role
                    when 'decision_maker' then 1
                    when 'champion' then 2
                    when 'influencer' then 3
                    when 'user' then 4
                    else 5
                end,
                roles.buying_role
        ) as role_rank
    from {{ ref("int_crm_opportunity_people") }} as roles
    inner join {{ ref("int_person_members") }} as members on roles.person_id = members.member_person_id

),

main_roles as (

    select * from roles
    where role_rank = 1

),

converted as (

    select distinct
        people.converted_opportunity_id as opportunity_id,
        members.person_id
    from {{ ref("int_crm_people") }} as people
    inner join {{ ref("int_person_members") }} as members on people.person_id = members.member_person_id
    where people.is_converted and people.converted_opportunity_id is not null

),

linked as (

    select
        coalesce(roles.opportunity_id, converted.opportunity_id) as opportunity_id,
        coalesce(roles.person_id, converted.person_id) as person_id,
        roles.buying_role,
        coalesce(roles.is_primary, false) as is_primary,
        roles.person_id is not null as has_role,
        converted.person_id is not null as is_converted_lead
    from main_roles as roles
    full outer join converted
        on roles.opportunity_id = converted.opportunity_id and roles.person_id = converted.person_id

),

with_origin as (

    select
        linked.opportunity_id,
        linked.person_id,
        linked.buying_role,
        linked.is_primary,
        linked.has_role,
        linked.is_converted_lead,
        linked.is_converted_lead or (
            linked.is_primary
            and max(case when linked.is_converted_lead then 1 else 0 end)
                over (partition by linked.opportunity_id)
            = 0
        ) as is_origin
    from linked
    inner join {{ ref("int_opportunities") }} as opportunities
        on linked.opportunity_id = opportunities.opportunity_id

)

select * from with_origin
