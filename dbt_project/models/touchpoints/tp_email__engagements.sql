{{ config(enabled=source_enabled("email")) }}

with

events as (

    select * from {{ ref("stg_email__events") }}

),

touches as (

    select
        'email' as source_system,
        concat('email:engagement:', email_event_id) as touch_id,
        case event_type when 'clicked' then 'email_click' else 'email_reply' end as touch_kind,
        occurred_at as touched_at,
        false as is_date_only,
        visitor_id,
        {{ normalised_email("email") }} as email,
        cast(null as {{ sql_type("string") }}) as crm_person_id,
        cast(null as {{ sql_type("string") }}) as crm_account_id,
        cast(null as {{ sql_type("string") }}) as company_name,
        cast(null as {{ sql_type("string") }}) as utm_source,
        cast(null as {{ sql_type("string") }}) as utm_medium,
        cast(null as {{ sql_type("string") }}) as utm_campaign,
        cast(null as {{ sql_type("string") }}) as referrer_domain,
        {{ path_of_url("link_url") }} as landing_page,
        cast(null as {{ sql_type("string") }}) as channel_hint,
        campaign_id,
        campaign_name,
        message_name as content_name,
        cast(null as {{ sql_type("string") }}) as click_id,
        coalesce(is_machine, false) as is_excluded,
        case when is_machine then 'machine' end as exclusion_reason,
        raw_file_id,
        raw_line_number

    from events
    where event_type in ('clicked', 'replied')

)

select * from touches
