-- Where several people have one email, touches by that email go to one of them: someone whose main address it is,
-- a contact before a lead, the oldest record first.
with member_emails as (

    select
        members.person_id,
        {{ normalised_email("people.email") }} as email,
        people.created_at,
        members.member_person_id = members.person_id as is_main,
        survivor.person_type
    from {{ ref("int_person_members") }} as members
    inner join {{ ref("int_crm_people") }} as people on members.member_person_id = people.person_id
    inner join {{ ref("int_crm_people") }} as survivor on members.person_id = survivor.person_id

),

people_by_email as (

    select
        email,
        person_id,
        person_type,
        max(case when is_main then 1 else 0 end) as is_main,
        min(created_at) as created_at
    from member_emails
    where email is not null
    group by email, person_id, person_type

),

ranked as (

    select
        email,
        person_id,
        count(*) over (partition by email) as person_count,
        row_number() over (
            partition by email
            order by is_main desc, case when person_type = 'contact' then 0 else 1 end, created_at asc, person_id asc
        ) as email_rank
    from people_by_email

),

chosen as (

    select
        email,
        person_id,
        person_count
    from ranked
    where email_rank = 1

)

select * from chosen
