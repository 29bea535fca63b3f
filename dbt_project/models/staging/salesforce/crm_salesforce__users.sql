{{ config(enabled=source_enabled("salesforce")) }}

with

users as (

    select * from {{ ref("stg_salesforce__users") }}

),

mapped as (

    select
        'salesforce' as source_system,
        user_id,
        user_name,
        {{ normalised_email("email") }} as email,
        title,
        department,
        team,
        manager_id,
        is_active

    from users

)

select * from mapped
