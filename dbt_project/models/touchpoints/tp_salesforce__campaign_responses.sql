{{ config(enabled=source_enabled("salesforce")) }}

with

members as (

    select * from {{ ref("stg_salesforce__campaign_members") }}

),

campaigns as (

    select * from {{ ref("stg_salesforce__campaigns") }}

),

touches as (

    select
        'salesforce' as source_system,
        concat('salesforce:campaign_response:', members.campaign_member_id) as touch_id,
        'campaign_response' as touch_kind,
        coalesce({{ start_of_day("members.first_responded_on") }}, members.created_at) as touched_at,
        members.first_responded_on is not null as is_date_only,
        cast(null as {{ sql_type("string") }}) as visitor_id,
        cast(null as {{ sql_type("string") }}) as email,
        coalesce(members.lead_id, members.contact_id) as crm_person_id,
        cast(null as {{ sql_type("string") }}) as crm_account_id,
        cast(null as {{ sql_type("string") }}) as company_name,
        cast(null as {{ sql_type("string") }}) as utm_source,
        cast(null as {{ sql_type("string") }}) as utm_medium,
        cast(null as {{ sql_type("string") }}) as utm_campaign,
        cast(null as {{ sql_type("string") }}) as referrer_domain,
        cast(null as {{ sql_type("string") }}) as landing_page,
        campaigns.campaign_type as channel_hint,
        members.campaign_id,
        campaigns.campaign_name,
        cast(null as {{ sql_type("string") }}) as content_name,
        cast(null as {{ sql_type("string") }}) as click_id,
        false as is_excluded,
        cast(null as {{ sql_type("string") }}) as exclusion_reason,
        members.raw_file_id,
        members.raw_line_number

    from members
    left join campaigns
        on members.campaign_id = campaigns.campaign_id
    where members.has_responded

)

select * from touches
