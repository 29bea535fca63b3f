{{ config(enabled=source_enabled("web")) }}

with

form_fills as (

    select * from {{ ref("stg_web__form_fills") }}

),

sessions as (

    select * from {{ ref("tp_web__sessions") }}

),

touches as (

    select
        'web' as source_system,
        concat('web:form_fill:', form_fills.form_fill_id) as touch_id,
        'form_fill' as touch_kind,
        form_fills.submitted_at as touched_at,
        false as is_date_only,
        form_fills.visitor_id,
        {{ normalised_email("form_fills.email") }} as email,
        cast(null as {{ sql_type("string") }}) as crm_person_id,
        cast(null as {{ sql_type("string") }}) as crm_account_id,
        form_fills.company_name,
        sessions.utm_source,
        sessions.utm_medium,
        sessions.utm_campaign,
        sessions.referrer_domain,
        coalesce({{ path_of_url("form_fills.page_url") }}, sessions.landing_page) as landing_page,
        cast(null as {{ sql_type("string") }}) as channel_hint,
        cast(null as {{ sql_type("string") }}) as campaign_id,
        cast(null as {{ sql_type("string") }}) as campaign_name,
        coalesce(form_fills.content_name, form_fills.form_name) as content_name,
        sessions.click_id,
        coalesce(sessions.is_excluded, false) as is_excluded,
        sessions.exclusion_reason,
        form_fills.raw_file_id,
        form_fills.raw_line_number

    from form_fills
    left join sessions
        on concat('web:web_session:', form_fills.session_id) = sessions.touch_id

)

select * from touches
