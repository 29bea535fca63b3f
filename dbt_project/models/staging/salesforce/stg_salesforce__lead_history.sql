{{ config(enabled=source_enabled("salesforce")) }}

with

source as (

    {{ latest_version("salesforce", "lead_history") }}

),

renamed as (

    select
        -- ids
        id as lead_history_id,
        lead_id,
        created_by_id as changed_by_id,

        -- text
        field as field_name,
        old_value,
        new_value,

        -- timestamps
        created_date as changed_at,

        -- provenance
        _file_id as raw_file_id,
        _line_number as raw_line_number

    from source

)

select * from renamed
