{{ config(enabled=source_enabled("offline")) }}

with

attendances as (

    select * from {{ ref("stg_offline__attendances") }}

),

events as (

    select * from {{ ref("stg_offline__events") }}

),

touches as (

    select
        'offline' as source_system,
        concat('offline:event_attendance:', attendances.attendance_id) as touch_id,
        'event_attendance' as touch_kind,
        coalesce(attendances.attended_at, {{ start_of_day("attendances.attended_on") }}) as touched_at,
        attendances.attended_at is null as is_date_only,
        cast(null as {{ sql_type("string") }}) as visitor_id,
        {{ normalised_email("attendances.email") }} as email,
        attendances.crm_person_id,
        cast(null as {{ sql_type("string") }}) as crm_account_id,
        attendances.company_name,
        cast(null as {{ sql_type("string") }}) as utm_source,
        cast(null as {{ sql_type("string") }}) as utm_medium,
        cast(null as {{ sql_type("string") }}) as utm_campaign,
        cast(null as {{ sql_type("string") }}) as referrer_domain,
        cast(null as {{ sql_type("string") }}) as landing_page,
        events.event_type as channel_hint,
        events.campaign_id,
        events.event_name as campaign_name,
        attendances.attendance_type as content_name,
        cast(null as {{ sql_type("string") }}) as click_id,
        false as is_excluded,
        cast(null as {{ sql_type("string") }}) as exclusion_reason,
        attendances.raw_file_id,
        attendances.raw_line_number

    from attendances
    left join events
        on attendances.event_id = events.event_id

)

select * from touches
