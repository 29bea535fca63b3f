{{ config(enabled=source_enabled("salesforce")) }}

with

source as (

    {{ latest_version("salesforce", "opportunity_contact_roles") }}

),

renamed as (

    select
        -- ids
        id as opportunity_contact_role_id,
        opportunity_id,
        contact_id,

        -- text
        role,

        -- booleans
        is_primary,

        -- timestamps
        created_date as created_at,
        system_modstamp as updated_at,

        -- provenance
        _file_id as raw_file_id,
        _line_number as raw_line_number

    from source

)

select * from renamed
