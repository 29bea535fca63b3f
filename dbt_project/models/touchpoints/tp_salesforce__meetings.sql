{{ config(enabled=source_enabled("salesforce")) }}

with

meetings as (

    select * from {{ ref("stg_salesforce__events") }}

),

activities as (

    select * from {{ ref("crm_salesforce__activities") }}

),

touches as (

    select
        'salesforce' as source_system,
        concat('salesforce:meeting:', meetings.event_id) as touch_id,
        'meeting' as touch_kind,
        meetings.starts_at as touched_at,
        false as is_date_only,
        cast(null as {{ sql_type("string") }}) as visitor_id,
        cast(null as {{ sql_type("string") }}) as email,
        meetings.person_id as crm_person_id,
        activities.account_id as crm_account_id,
        cast(null as {{ sql_type("string") }}) as company_name,
        cast(null as {{ sql_type("string") }}) as utm_source,
        cast(null as {{ sql_type("string") }}) as utm_medium,
        cast(null as {{ sql_type("string") }}) as utm_campaign,
        cast(null as {{ sql_type("string") }}) as referrer_domain,
        cast(null as {{ sql_type("string") }}) as landing_page,
        meetings.event_type as channel_hint,
        cast(null as {{ sql_type("string") }}) as campaign_id,
        cast(null as {{ sql_type("string") }}) as campaign_name,
        meetings.subject as content_name,
        cast(null as {{ sql_type("string") }}) as click_id,
        false as is_excluded,
        cast(null as {{ sql_type("string") }}) as exclusion_reason,
        meetings.raw_file_id,
        meetings.raw_line_number

    from meetings
    left join activities
        on meetings.event_id = activities.activity_id
    where meetings.outcome = 'Held'

)

select * from touches
