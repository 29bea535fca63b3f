{{ config(enabled=source_enabled("salesforce")) }}

with

source as (

    {{ latest_version("salesforce", "campaigns") }}

),

renamed as (

    select
        -- ids
        id as campaign_id,
        parent_id as parent_campaign_id,

        -- text
        name as campaign_name,
        type as campaign_type,
        status,
        currency_iso_code as currency,

        -- numbers
        actual_cost,

        -- booleans
        is_active,

        -- dates
        start_date,
        end_date,

        -- timestamps
        created_date as created_at,
        system_modstamp as updated_at,

        -- provenance
        _file_id as raw_file_id,
        _line_number as raw_line_number

    from source

)

select * from renamed
