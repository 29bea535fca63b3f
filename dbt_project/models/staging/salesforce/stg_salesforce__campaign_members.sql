{{ config(enabled=source_enabled("salesforce")) }}

with

source as (

    {{ latest_version("salesforce", "campaign_members") }}

),

renamed as (

    select
        -- ids
        id as campaign_member_id,
        campaign_id,
        lead_id,
        contact_id,

        -- text
        status,

        -- booleans
        has_responded,

        -- dates
        first_responded_date as first_responded_on,

        -- timestamps
        created_date as created_at,
        system_modstamp as updated_at,

        -- provenance
        _file_id as raw_file_id,
        _line_number as raw_line_number

    from source

)

select * from renamed
