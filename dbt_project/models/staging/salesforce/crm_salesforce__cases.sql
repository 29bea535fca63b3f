{{ config(enabled=source_enabled("salesforce")) }}

with

cases as (

    select * from {{ ref("stg_salesforce__cases") }}

),

mapped as (

    select
        'salesforce' as source_system,
        case_id,
        account_id,
        person_id,
        owner_id,
        case lower(trim(case_type))
            when 'question' then 'question'
            when 'problem' then 'problem'
            when 'complaint' then 'complaint'
            when 'feature request' then 'feature_request'
            else 'other'
        end as case_type,
        reason,
        priority,
        is_closed,
        created_at as opened_at,
        closed_at,
        satisfaction_score

    from cases

)

select * from mapped
