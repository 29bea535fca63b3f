{{ config(enabled=source_enabled("web")) }}

with

sessions as (

    select
        *,
        case
            when ip_network = 'bot' then 'bot'
            when ip_network = 'internal' then 'internal'
            when {{ regexp_matches_whole("lower(user_agent)", "'.*(bot|crawler|spider|headless|slurp|preview).*'") }}
                then 'bot'
        end as exclusion_reason

    from {{ ref("stg_web__sessions") }}

),

touches as (

    select
        'web' as source_system,
        concat('web:web_session:', session_id) as touch_id,
        'web_session' as touch_kind,
        started_at as touched_at,
        false as is_date_only,
        visitor_id,
        cast(null as {{ sql_type("string") }}) as email,
        cast(null as {{ sql_type("string") }}) as crm_person_id,
        cast(null as {{ sql_type("string") }}) as crm_account_id,
        cast(null as {{ sql_type("string") }}) as company_name,
        utm_source,
        utm_medium,
        utm_campaign,
        {{ domain_of_url("referrer_url") }} as referrer_domain,
        {{ path_of_url("landing_page_url") }} as landing_page,
        cast(null as {{ sql_type("string") }}) as channel_hint,
        cast(null as {{ sql_type("string") }}) as campaign_id,
        cast(null as {{ sql_type("string") }}) as campaign_name,
        utm_content as content_name,
        click_id,
        exclusion_reason is not null as is_excluded,
        exclusion_reason,
        raw_file_id,
        raw_line_number

    from sessions

)

select * from touches
