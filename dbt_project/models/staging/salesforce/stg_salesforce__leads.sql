{{ config(enabled=source_enabled("salesforce")) }}

with

source as (

    {{ latest_version("salesforce", "leads", keep_deleted_when="master_record_id is not null") }}

),

renamed as (

    select
        -- ids
        id as lead_id,
        owner_id,
        converted_account_id,
        converted_contact_id,
        converted_opportunity_id,
        master_record_id as merged_into_lead_id,

        -- text
        first_name,
        last_name,
        company as company_name,
        email,
        title,
        website,
        industry,
        country,
        lead_source,
        how_did_you_hear_c as self_reported_source,
        status,
        status_reason_c as status_reason,
        rating,

        -- numbers
        number_of_employees as employee_count,
        score_c as score,

        -- booleans
        is_converted,

        -- dates
        interest_date_c as interest_date,
        budget_date_c as budget_date,
        authority_date_c as authority_date,
        timeline_date_c as timeline_date,
        converted_date as converted_on,

        -- timestamps
        created_date as created_at,
        system_modstamp as updated_at,

        -- provenance
        _file_id as raw_file_id,
        _line_number as raw_line_number

    from source

)

select * from renamed
