{%- set grain = journey_grain() -%}
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
        {%- if grain == "contact_roles" %}
        and people.has_role
        {%- elif grain == "person" %}
        and people.is_origin
        {%- endif %}

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

)

select
    grouped.journey_id,
    grouped.person_id,
    people.person_key,
    people.created_at
from grouped
inner join {{ ref("int_people_resolved") }} as people on grouped.person_id = people.person_id
