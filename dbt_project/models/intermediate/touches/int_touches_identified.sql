{%- set email = normalised_email("touches.email") -%}
with touches as (

    select * from {{ ref("int_touchpoints_classified") }}
    where is_admitted and touched_at <= {{ business_end() }}

),

people_found as (

    select
        touches.source_system,
        touches.source_precedence,
        touches.touch_id,
        touches.touch_kind,
        touches.touched_at,
        touches.is_date_only,
        touches.visitor_id,
        coalesce({{ email }}, visitors.email) as email,
        coalesce(records.person_id, emails.person_id, visitors.person_id) as person_id,
        case
            when records.person_id is not null then 'crm_record'
            when emails.person_id is not null then 'email'
            when visitors.person_id is not null then 'visitor_email'
        end as person_rule,
        touches.crm_account_id,
        touches.company_name,
        touches.utm_source,
        touches.utm_medium,
        touches.utm_campaign,
        touches.referrer_domain,
        touches.landing_page,
        touches.channel_hint,
        touches.channel,
        touches.channel_group,
        touches.is_direct,
        touches.is_offline,
        touches.is_marketing,
        touches.campaign_id,
        touches.campaign_name,
        touches.content_name,
        touches.click_id
    from touches
    left join {{ ref("int_person_members") }} as records on touches.crm_person_id = records.member_person_id
    left join {{ ref("int_person_emails") }} as emails on {{ email }} = emails.email
    left join {{ ref("int_visitor_identities") }} as visitors
        on
            touches.visitor_id = visitors.visitor_id
            and touches.touched_at >= visitors.valid_from
            and touches.touched_at < visitors.valid_until

),

identified as (

    select
        people_found.*,
        people.person_key,
        coalesce(accounts.account_id, people.account_id, domains.account_id, companies.account_id) as account_id,
        case
            when accounts.account_id is not null then 'crm_account'
            when people.account_id is not null then 'person'
            when domains.account_id is not null then 'email_domain'
            when companies.account_id is not null then 'company_name'
        end as account_rule
    from people_found
    left join {{ ref("int_people_resolved") }} as people on people_found.person_id = people.person_id
    left join {{ ref("int_account_members") }} as accounts on people_found.crm_account_id = accounts.member_account_id
    left join {{ ref("int_account_domains") }} as domains
        on people_found.person_id is null and {{ domain_of_email("people_found.email") }} = domains.domain
    left join {{ ref("int_account_names") }} as companies
        on {{ normalised_company_name("people_found.company_name") }} = companies.company_key

)

select * from identified
