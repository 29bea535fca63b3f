{{ config(enabled=source_enabled("salesforce")) }}

with

tasks as (

    select * from {{ ref("stg_salesforce__tasks") }}

),

activities as (

    select * from {{ ref("crm_salesforce__activities") }}

),

touches as (

    select
        'salesforce' as source_system,
        concat('salesforce:sales_reply:', tasks.task_id) as touch_id,
        'sales_reply' as touch_kind,
        coalesce(tasks.completed_at, {{ start_of_day("tasks.activity_date") }}) as touched_at,
        tasks.completed_at is null as is_date_only,
        cast(null as {{ sql_type("string") }}) as visitor_id,
        cast(null as {{ sql_type("string") }}) as email,
        tasks.person_id as crm_person_id,
        activities.account_id as crm_account_id,
        cast(null as {{ sql_type("string") }}) as company_name,
        cast(null as {{ sql_type("string") }}) as utm_source,
        cast(null as {{ sql_type("string") }}) as utm_medium,
        cast(null as {{ sql_type("string") }}) as utm_campaign,
        cast(null as {{ sql_type("string") }}) as referrer_domain,
        cast(null as {{ sql_type("string") }}) as landing_page,
        tasks.task_subtype as channel_hint,
        cast(null as {{ sql_type("string") }}) as campaign_id,
        cast(null as {{ sql_type("string") }}) as campaign_name,
        tasks.subject as content_name,
        cast(null as {{ sql_type("string") }}) as click_id,
        false as is_excluded,
        cast(null as {{ sql_type("string") }}) as exclusion_reason,
        tasks.raw_file_id,
        tasks.raw_line_number

    from tasks
    left join activities
        on tasks.task_id = activities.activity_id
    where
        tasks.status in ('Replied', 'Connected')
        and coalesce(tasks.completed_at, cast(tasks.activity_date as {{ sql_type("timestamp") }})) is not null

)

select * from touches
