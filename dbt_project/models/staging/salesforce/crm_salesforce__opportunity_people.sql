{{ config(enabled=source_enabled("salesforce")) }}

with

roles as (

    select * from {{ ref("stg_salesforce__opportunity_contact_roles") }}

),

buying_roles as (

    select * from {{ ref("buying_roles") }}
    where source_system = 'salesforce'

),

mapped as (

    select
        'salesforce' as source_system,
        roles.opportunity_id,
        roles.contact_id as person_id,
        case when roles.role is not null then coalesce(buying_roles.buying_role, 'unknown') end as buying_role,
        coalesce(roles.is_primary, false) as is_primary

    from roles
    left join buying_roles
        on roles.role = buying_roles.role

)

select * from mapped
