{{ config(enabled=source_enabled("offline")) }}

with

source as (

    {{ latest_version("offline", "attendances") }}

),

renamed as (

    select
        -- ids
        attendance_id,
        event_id,
        crm_person_id,

        -- text
        email,
        full_name,
        company_name,
        attendance_type,

        -- dates
        attended_on,

        -- timestamps
        attended_at,
        updated_at,

        -- provenance
        _file_id as raw_file_id,
        _line_number as raw_line_number

    from source

)

select * from renamed
