{{ config(enabled=source_enabled("salesforce")) }}

with

source as (

    {{ latest_version("salesforce", "tasks") }}

),

renamed as (

    select
        -- ids
        id as task_id,
        who_id as person_id,
        what_id as related_record_id,
        account_id,
        owner_id,

        -- text
        subject,
        task_subtype,
        call_type,
        status,

        -- dates
        activity_date,

        -- timestamps
        completed_date_time as completed_at,
        created_date as created_at,
        system_modstamp as updated_at,

        -- provenance
        _file_id as raw_file_id,
        _line_number as raw_line_number

    from source

)

select * from renamed
