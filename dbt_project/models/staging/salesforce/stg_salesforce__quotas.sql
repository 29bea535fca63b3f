{{ config(enabled=source_enabled("salesforce")) }}

with

source as (

    {{ latest_version("salesforce", "quotas") }}

),

renamed as (

    select
        -- ids
        id as quota_id,
        owner_id,

        -- text
        currency_iso_code as currency,

        -- numbers
        quota_amount as amount,

        -- dates
        start_date as period_start_date,
        end_date as period_end_date,

        -- timestamps
        created_date as created_at,
        system_modstamp as updated_at,

        -- provenance
        _file_id as raw_file_id,
        _line_number as raw_line_number

    from source

)

select * from renamed
