{{ config(enabled=source_enabled("salesforce")) }}

with

source as (

    {{ latest_version("salesforce", "events") }}

),

renamed as (

    select
        -- ids
        id as event_id,
        who_id as person_id,
        what_id as related_record_id,
        account_id,
        owner_id,

        -- text
        subject,
        type as event_type,
        location,
        outcome_c as outcome,

        -- timestamps
        start_date_time as starts_at,
        end_date_time as ends_at,
        created_date as created_at,
        system_modstamp as updated_at,

        -- provenance
        _file_id as raw_file_id,
        _line_number as raw_line_number

    from source

)

select * from renamed
