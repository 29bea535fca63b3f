{%- set described_by = ["full_name", "title", "company_name", "domain", "lead_source", "self_reported_source",
    "owner_id", "status", "score"] -%}
-- What the surviving record does not say, the oldest record that does says.
with members as (

    select
        members.person_id,
        records.source_system,
        records.person_type,
        records.account_id as crm_account_id,
        {{ normalised_email("records.email") }} as email,
        records.{{ described_by | join(",\n        records.") }},
        records.created_at,
        records.is_converted,
        records.converted_on,
        records.converted_account_id,
        row_number() over (
            partition by members.person_id
            order by
                case when members.rule = 'self' then 0 else 1 end,
                records.created_at,
                records.person_id
        ) as member_rank
    from {{ ref("int_person_members") }} as members
    inner join {{ ref("int_crm_people") }} as records on members.member_person_id = records.person_id

),

people as (

    select
        person_id,
        min_by(source_system, member_rank) as source_system,
        min_by(person_type, member_rank) as person_type,
        min_by(email, member_rank) filter (where email is not null) as email,
        {%- for column in described_by %}
            min_by({{ column }}, member_rank) filter (where {{ column }} is not null) as {{ column }},
        {%- endfor %}
        min_by(owner_id, member_rank) filter (where person_type = 'lead' and owner_id is not null) as lead_owner_id,
        min(created_at) as created_at,
        min(case when person_type = 'lead' then created_at end) as lead_created_at,
        max(case when person_type = 'lead' then 1 else 0 end) = 1 as is_lead,
        max(case when person_type = 'contact' then 1 else 0 end) = 1 as is_contact,
        min(case when is_converted then converted_on end) as converted_on,
        min_by(crm_account_id, member_rank) filter (where crm_account_id is not null) as crm_account_id,
        min_by(converted_account_id, member_rank) filter (where converted_account_id is not null)
            as converted_account_id,
        count(*) as member_count
    from members
    group by person_id

),

-- A link that a rule got wrong is undone by seed account_overrides: another account, or none.
overrides as (

    select
        members.person_id,
        max(overrides.account_id) as account_id
    from {{ ref("account_overrides") }} as overrides
    inner join {{ ref("int_person_members") }} as members on overrides.person_id = members.member_person_id
    group by members.person_id

),

linked as (

    select
        people.*,
        coalesce(main_email.person_id, people.person_id) as person_key,
        crm_account.account_id as account_by_crm,
        converted_account.account_id as account_by_conversion,
        email_domain.account_id as account_by_email,
        website.account_id as account_by_website,
        company.account_id as account_by_name,
        overrides.person_id is not null as is_overridden,
        override_account.account_id as account_by_override
    from people
    left join overrides on people.person_id = overrides.person_id
    left join {{ ref("int_account_members") }} as override_account
        on overrides.account_id = override_account.member_account_id
    left join {{ ref("int_person_emails") }} as main_email on people.email = main_email.email
    left join {{ ref("int_account_members") }} as crm_account on people.crm_account_id = crm_account.member_account_id
    left join {{ ref("int_account_members") }} as converted_account
        on people.converted_account_id = converted_account.member_account_id
    left join {{ ref("int_account_domains") }} as email_domain
        on {{ domain_of_email("people.email") }} = email_domain.domain
    left join {{ ref("int_account_domains") }} as website on lower(trim(people.domain)) = website.domain
    left join {{ ref("int_account_names") }} as company
        on {{ normalised_company_name("people.company_name") }} = company.company_key

),

matched as (

    select
        *,
        coalesce(account_by_crm, account_by_conversion, account_by_email, account_by_website, account_by_name)
            as matched_account_id,
        case
            when account_by_crm is not null then 'crm_account'
            when account_by_conversion is not null then 'converted_account'
            when account_by_email is not null then 'email_domain'
            when account_by_website is not null then 'website_domain'
            when account_by_name is not null then 'company_name'
        end as matched_rule,
        case
            when account_by_crm is not null then crm_account_id
            when account_by_conversion is not null then converted_account_id
            when account_by_email is not null then {{ domain_of_email("email") }}
            when account_by_website is not null then lower(trim(domain))
            when account_by_name is not null then {{ normalised_company_name("company_name") }}
        end as matched_evidence
    from linked

),

resolved as (

    select
        person_id,
        source_system,
        person_type,
        person_key,
        case when is_overridden then account_by_override else matched_account_id end as account_id,
        case
            when not is_overridden then matched_rule
            when account_by_override is not null then 'override'
        end as account_rule,
        case when not is_overridden then matched_evidence end as account_evidence,
        matched_account_id,
        matched_rule,
        matched_evidence,
        email,
        {{ described_by | join(", ") }},
        lead_owner_id,
        created_at,
        lead_created_at,
        is_lead,
        is_contact,
        converted_on,
        member_count
    from matched

)

select * from resolved
