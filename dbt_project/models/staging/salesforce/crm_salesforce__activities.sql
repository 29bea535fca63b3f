{{ config(enabled=source_enabled("salesforce")) }}

with

tasks as (

    select * from {{ ref("stg_salesforce__tasks") }}

),

meetings as (

    select * from {{ ref("stg_salesforce__events") }}

),

accounts as (

    select * from {{ ref("stg_salesforce__accounts") }}

),

opportunities as (

    select * from {{ ref("stg_salesforce__opportunities") }}

),

mapped_tasks as (

    select
        task_id as activity_id,
        case lower(task_subtype)
            when 'call' then 'call'
            when 'email' then 'email'
            else 'other'
        end as activity_kind,
        person_id,
        related_record_id,
        account_id,
        owner_id,
        case lower(task_subtype)
            when 'call' then coalesce(lower(call_type) != 'inbound', true)
            when 'email' then true
            when 'linkedin' then true
            else false
        end as is_outbound,
        created_at as booked_at,
        coalesce(completed_at, {{ end_of_day("activity_date") }}) as occurred_at,
        completed_at is null as is_date_only,
        case
            when status in ('Replied', 'Connected') then 'connected'
            when status = 'Completed' then 'completed'
            else 'open'
        end as outcome

    from tasks

),

mapped_meetings as (

    select
        event_id as activity_id,
        'meeting' as activity_kind,
        person_id,
        related_record_id,
        account_id,
        owner_id,
        false as is_outbound,
        created_at as booked_at,
        starts_at as occurred_at,
        false as is_date_only,
        case outcome
            when 'Held' then 'held'
            when 'No Show' then 'no_show'
            when 'Cancelled' then 'cancelled'
            else 'open'
        end as outcome

    from meetings

),

activities as (

    select * from mapped_tasks
    union all
    select * from mapped_meetings

),

-- What an activity is about is one field in Salesforce: an account or an opportunity, told apart by whose id it is.
mapped as (

    select
        'salesforce' as source_system,
        activities.activity_id,
        activities.activity_kind,
        activities.person_id,
        coalesce(activities.account_id, accounts.account_id, opportunities.account_id) as account_id,
        opportunities.opportunity_id,
        activities.owner_id,
        activities.is_outbound,
        activities.booked_at,
        activities.occurred_at,
        activities.is_date_only,
        activities.outcome

    from activities
    left join accounts
        on activities.related_record_id = accounts.account_id
    left join opportunities
        on activities.related_record_id = opportunities.opportunity_id

)

select * from mapped
