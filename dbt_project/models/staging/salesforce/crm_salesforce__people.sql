{{ config(enabled=source_enabled("salesforce")) }}

with

leads as (

    select * from {{ ref("stg_salesforce__leads") }}

),

contacts as (

    select * from {{ ref("stg_salesforce__contacts") }}

),

mapped_leads as (

    select
        'salesforce' as source_system,
        lead_id as person_id,
        'lead' as person_type,
        cast(null as {{ sql_type("string") }}) as account_id,
        nullif(trim(concat(coalesce(first_name, ''), ' ', coalesce(last_name, ''))), '') as full_name,
        {{ normalised_email("email") }} as email,
        title,
        company_name,
        coalesce({{ domain_of_url("website") }}, {{ domain_of_email("email") }}) as domain,
        lead_source,
        self_reported_source,
        owner_id,
        created_at,
        status,
        score,
        interest_date,
        budget_date,
        authority_date,
        timeline_date,
        is_converted,
        converted_on,
        converted_account_id,
        converted_contact_id as converted_person_id,
        converted_opportunity_id,
        merged_into_lead_id as merged_into_person_id

    from leads

),

mapped_contacts as (

    select
        'salesforce' as source_system,
        contact_id as person_id,
        'contact' as person_type,
        account_id,
        nullif(trim(concat(coalesce(first_name, ''), ' ', coalesce(last_name, ''))), '') as full_name,
        {{ normalised_email("email") }} as email,
        title,
        cast(null as {{ sql_type("string") }}) as company_name,
        {{ domain_of_email("email") }} as domain,
        lead_source,
        cast(null as {{ sql_type("string") }}) as self_reported_source,
        owner_id,
        created_at,
        cast(null as {{ sql_type("string") }}) as status,
        cast(null as {{ sql_type("double") }}) as score,
        cast(null as {{ sql_type("date") }}) as interest_date,
        cast(null as {{ sql_type("date") }}) as budget_date,
        cast(null as {{ sql_type("date") }}) as authority_date,
        cast(null as {{ sql_type("date") }}) as timeline_date,
        false as is_converted,
        cast(null as {{ sql_type("date") }}) as converted_on,
        cast(null as {{ sql_type("string") }}) as converted_account_id,
        cast(null as {{ sql_type("string") }}) as converted_person_id,
        cast(null as {{ sql_type("string") }}) as converted_opportunity_id,
        merged_into_contact_id as merged_into_person_id

    from contacts

),

people as (

    select * from mapped_leads
    union all
    select * from mapped_contacts

)

select * from people
