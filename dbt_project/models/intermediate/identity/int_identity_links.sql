with visitors as (

    select
        'visitor' as from_type,
        visitor_id as from_id,
        'email' as to_type,
        email as to_id,
        'visitor_email' as rule,
        touch_id as evidence,
        identified_at as linked_at
    from {{ ref("int_visitor_identities") }}

),

emails as (

    select
        'email' as from_type,
        email as from_id,
        'person' as to_type,
        person_id as to_id,
        'email_person' as rule,
        concat(cast(person_count as {{ sql_type("string") }}), ' with this email') as evidence,
        cast(null as timestamp) as linked_at
    from {{ ref("int_person_emails") }}

),

people as (

    select
        'record' as from_type,
        member_person_id as from_id,
        'person' as to_type,
        person_id as to_id,
        rule,
        evidence,
        cast(null as timestamp) as linked_at
    from {{ ref("int_person_members") }}
    where rule != 'self'

),

people_to_accounts as (

    select
        'person' as from_type,
        person_id as from_id,
        'account' as to_type,
        account_id as to_id,
        account_rule as rule,
        account_evidence as evidence,
        created_at as linked_at
    from {{ ref("int_people_resolved") }}
    where account_id is not null

),

accounts as (

    select
        'account_record' as from_type,
        member_account_id as from_id,
        'account' as to_type,
        account_id as to_id,
        rule,
        evidence,
        cast(null as timestamp) as linked_at
    from {{ ref("int_account_members") }}
    where rule != 'self'

),

links as (

    select * from visitors
    union all
    select * from emails
    union all
    select * from people
    union all
    select * from people_to_accounts
    union all
    select * from accounts

),

keyed as (

    select
        {{ generate_surrogate_key(["from_type", "from_id", "to_type", "to_id", "evidence"]) }} as link_id,
        links.*
    from links

)

select * from keyed
