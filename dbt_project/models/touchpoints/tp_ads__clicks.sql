{{ config(enabled=source_enabled("ads")) }}

with

clicks as (

    select * from {{ ref("stg_ads__clicks") }}

),

touches as (

    select
        'ads' as source_system,
        concat('ads:ad_click:', click_id) as touch_id,
        'ad_click' as touch_kind,
        clicked_at as touched_at,
        false as is_date_only,
        visitor_id,
        cast(null as {{ sql_type("string") }}) as email,
        cast(null as {{ sql_type("string") }}) as crm_person_id,
        cast(null as {{ sql_type("string") }}) as crm_account_id,
        cast(null as {{ sql_type("string") }}) as company_name,
        platform as utm_source,
        cast(null as {{ sql_type("string") }}) as utm_medium,
        cast(null as {{ sql_type("string") }}) as utm_campaign,
        cast(null as {{ sql_type("string") }}) as referrer_domain,
        cast(null as {{ sql_type("string") }}) as landing_page,
        ad_type as channel_hint,
        campaign_id,
        campaign_name,
        ad_name as content_name,
        click_id,
        coalesce(is_invalid, false) as is_excluded,
        case when is_invalid then 'invalid' end as exclusion_reason,
        raw_file_id,
        raw_line_number

    from clicks

)

select * from touches
