{#- Of an account's journey only a deal without an account comes here: then everybody linked to the deal. -#}
{%- set takes_part = {
    "account": "people.person_id is not null", "contact_roles": "people.has_role", "person": "people.is_origin",
}[journey_grain()] -%}
-- The buying group of a journey: whose creation and stages are its milestones.
with journeys as (

    select
        journey_id,
        conversion_type,
        touches_by,
        account_id,
        person_id,
        opportunity_id
    from {{ ref("int_journeys") }}

),

by_account as (

    select
        journeys.journey_id,
        people.person_id
    from journeys
    inner join {{ ref("int_people_resolved") }} as people on journeys.account_id = people.account_id
    where journeys.touches_by = 'account'

),

by_opportunity as (

    select
        journeys.journey_id,
        people.person_id
    from journeys
    inner join {{ ref("int_opportunity_people") }} as people on journeys.opportunity_id = people.opportunity_id
    where
        journeys.touches_by = 'people'
        and {{ takes_part }}

),

by_person as (

    select
        journey_id,
        person_id
    from journeys
    where touches_by = 'people' and opportunity_id is null

),

grouped as (

    select * from by_account
    union all
    select * from by_opportunity
    union all
    select * from by_person

),

with_keys as (

    select
        grouped.journey_id,
        grouped.person_id,
        people.person_key,
        people.created_at
    from grouped
    inner join {{ ref("int_people_resolved") }} as people on grouped.person_id = people.person_id

)

select * from with_keys
