with people as (

    select * from {{ ref("int_crm_people") }}

),

pointers as (

    -- A merge tells more than a conversion: the survivor carries the conversion on.
    select
        person.person_id as id,
        coalesce(survivor.person_id, contact.person_id) as next_id,
        case when survivor.person_id is not null then 'merged' else 'converted' end as rule
    from people as person
    left join people as survivor
        on person.merged_into_person_id = survivor.person_id and person.person_id != survivor.person_id
    left join people as contact
        on
            person.converted_person_id = contact.person_id
            and person.is_converted
            and person.person_id != contact.person_id
    where coalesce(survivor.person_id, contact.person_id) is not null

),

{{ resolved_pointers("pointers") }},

members as (

    select
        people.person_id as member_person_id,
        people.person_type as member_type,
        coalesce(resolved.root_id, people.person_id) as person_id,
        case when resolved.root_id != people.person_id then pointers.rule else 'self' end as rule,
        pointers.next_id as evidence
    from people
    left join pointers on people.person_id = pointers.id
    left join resolved on people.person_id = resolved.id

)

select * from members
