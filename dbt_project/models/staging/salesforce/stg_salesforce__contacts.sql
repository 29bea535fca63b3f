{{ config(enabled=source_enabled("salesforce")) }}

with

source as (

    {{ latest_version("salesforce", "contacts", keep_deleted_when="master_record_id is not null") }}

),

renamed as (

    select
        -- ids
        id as contact_id,
        account_id,
        owner_id,
        master_record_id as merged_into_contact_id,

        -- text
        first_name,
        last_name,
        email,
        title,
        lead_source,

        -- timestamps
        created_date as created_at,
        system_modstamp as updated_at,

        -- provenance
        _file_id as raw_file_id,
        _line_number as raw_line_number

    from source

)

select * from renamed
