{{ config(enabled=source_enabled("salesforce")) }}

with

leads as (

    select * from {{ ref("stg_salesforce__leads") }}

),

changes as (

    select * from {{ ref("stg_salesforce__lead_history") }}

),

status_stages as (

    select * from {{ ref("lead_status_stages") }}
    where source_system = 'salesforce'

),

status_changes as (

    select
        lead_history_id,
        lead_id,
        old_value,
        new_value,
        changed_by_id,
        changed_at,
        row_number() over (partition by lead_id order by changed_at, lead_history_id) as change_number,
        row_number() over (partition by lead_id order by changed_at desc, lead_history_id desc) as number_from_end

    from changes
    where field_name = 'Status'

),

-- Salesforce writes the reason as a change of its own, at the instant of the status change it belongs to.
reason_changes as (

    select
        lead_id,
        changed_at,
        max(new_value) as reason

    from changes
    where field_name = 'StatusReason__c' and new_value is not null
    group by lead_id, changed_at

),

-- The history begins with the first change: what a lead was created as is that change's old value.
creations as (

    select
        concat(leads.lead_id, ':created') as person_stage_id,
        leads.lead_id as person_id,
        coalesce(status_changes.old_value, case when status_changes.lead_id is null then leads.status end) as status,
        leads.created_at as entered_at,
        case when status_changes.lead_id is null then leads.status_reason end as reason,
        cast(null as {{ sql_type("string") }}) as changed_by_id

    from leads
    left join status_changes
        on
            leads.lead_id = status_changes.lead_id
            and status_changes.change_number = 1

),

entries as (

    select
        status_changes.lead_history_id as person_stage_id,
        status_changes.lead_id as person_id,
        status_changes.new_value as status,
        status_changes.changed_at as entered_at,
        coalesce(
            reason_changes.reason,
            case
                when status_changes.number_from_end = 1 and status_changes.new_value = leads.status
                    then leads.status_reason
            end
        ) as reason,
        status_changes.changed_by_id

    from status_changes
    left join leads
        on status_changes.lead_id = leads.lead_id
    left join reason_changes
        on
            status_changes.lead_id = reason_changes.lead_id
            and status_changes.changed_at = reason_changes.changed_at

),

all_entries as (

    select * from creations
    union all
    select * from entries

),

-- A status that the seed does not know is the stage `unknown`; one that it knows as no stage is left out.
mapped as (

    select
        'salesforce' as source_system,
        all_entries.person_stage_id,
        all_entries.person_id,
        case when status_stages.status is null then 'unknown' else status_stages.stage end as stage,
        all_entries.entered_at,
        false as is_date_only,
        all_entries.reason,
        all_entries.changed_by_id

    from all_entries
    left join status_stages
        on all_entries.status = status_stages.status
    where all_entries.status is not null

)

select * from mapped
where stage is not null
