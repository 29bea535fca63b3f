{{ config(enabled=source_enabled("olist")) }}

with

leads as (

    select * from {{ ref("stg_olist__marketing_qualified_leads") }}

),

touches as (

    select
        'olist' as source_system,
        concat('olist:first_contact:', mql_id) as touch_id,
        'first_contact' as touch_kind,
        {{ start_of_day("first_contact_on") }} as touched_at,
        true as is_date_only,
        cast(null as {{ sql_type("string") }}) as visitor_id,
        cast(null as {{ sql_type("string") }}) as email,
        mql_id as crm_person_id,
        cast(null as {{ sql_type("string") }}) as crm_account_id,
        cast(null as {{ sql_type("string") }}) as company_name,
        cast(null as {{ sql_type("string") }}) as utm_source,
        cast(null as {{ sql_type("string") }}) as utm_medium,
        cast(null as {{ sql_type("string") }}) as utm_campaign,
        cast(null as {{ sql_type("string") }}) as referrer_domain,
        landing_page_id as landing_page,
        origin as channel_hint,
        cast(null as {{ sql_type("string") }}) as campaign_id,
        cast(null as {{ sql_type("string") }}) as campaign_name,
        cast(null as {{ sql_type("string") }}) as content_name,
        cast(null as {{ sql_type("string") }}) as click_id,
        false as is_excluded,
        cast(null as {{ sql_type("string") }}) as exclusion_reason,
        raw_file_id,
        raw_line_number

    from leads

)

select * from touches
