{{ config(enabled=source_enabled("salesforce")) }}

with

source as (

    {{ latest_version("salesforce", "cases") }}

),

renamed as (

    select
        -- ids
        id as case_id,
        case_number,
        account_id,
        contact_id as person_id,
        owner_id,

        -- text
        subject,
        type as case_type,
        reason,
        origin,
        priority,
        status,

        -- numbers
        satisfaction_c as satisfaction_score,

        -- booleans
        is_closed,

        -- timestamps
        created_date as created_at,
        closed_date as closed_at,
        system_modstamp as updated_at,

        -- provenance
        _file_id as raw_file_id,
        _line_number as raw_line_number

    from source

)

select * from renamed
