{{ config(enabled=source_enabled("salesforce")) }}

with

lead_statuses as (

    select status from {{ ref("stg_salesforce__leads") }}
    union all
    select new_value as status from {{ ref("stg_salesforce__lead_history") }}
    where field_name = 'Status'

),

deal_stages as (

    select stage_name from {{ ref("stg_salesforce__opportunities") }}
    union all
    select stage_name from {{ ref("stg_salesforce__opportunity_history") }}

),

unknown_statuses as (

    select
        'leads' as entity,
        'status' as column_name,
        lead_statuses.status as value

    from lead_statuses
    left join {{ ref("lead_status_stages") }} as known
        on
            lead_statuses.status = known.status
            and known.source_system = 'salesforce'
    where lead_statuses.status is not null and known.status is null

),

unknown_stages as (

    select
        'opportunities' as entity,
        'stage_name' as column_name,
        deal_stages.stage_name as value

    from deal_stages
    left join {{ ref("opportunity_stages") }} as known
        on
            deal_stages.stage_name = known.stage_name
            and known.source_system = 'salesforce'
    where deal_stages.stage_name is not null and known.stage_name is null

),

unknown_roles as (

    select
        'opportunity_contact_roles' as entity,
        'role' as column_name,
        roles.role as value

    from {{ ref("stg_salesforce__opportunity_contact_roles") }} as roles
    left join {{ ref("buying_roles") }} as known
        on
            roles.role = known.role
            and known.source_system = 'salesforce'
    where roles.role is not null and known.role is null

),

unknown_types as (

    select
        'opportunities' as entity,
        'opportunity_type' as column_name,
        deals.opportunity_type as value

    from {{ ref("stg_salesforce__opportunities") }} as deals
    inner join {{ ref("crm_salesforce__opportunities") }} as mapped
        on deals.opportunity_id = mapped.opportunity_id
    where deals.opportunity_type is not null and mapped.opportunity_type is null

),

unknown_values as (

    select * from unknown_statuses
    union all
    select * from unknown_stages
    union all
    select * from unknown_roles
    union all
    select * from unknown_types

),

counted as (

    select
        'salesforce' as source_system,
        entity,
        column_name,
        value,
        count(*) as row_count

    from unknown_values
    group by entity, column_name, value

)

select * from counted
