{{ config(enabled=source_enabled("salesforce")) }}

with

source as (

    {{ every_version("salesforce", "forecasts") }}

),

renamed as (

    select
        -- ids
        id as forecast_id,
        owner_id,

        -- text
        forecast_category_name as forecast_category,
        currency_iso_code as currency,

        -- numbers
        forecast_amount as amount,

        -- dates
        period_start_date,
        period_end_date,

        -- booleans
        coalesce(is_deleted, false) as is_deleted,

        -- timestamps
        created_date as created_at,
        system_modstamp as updated_at,

        -- provenance
        _file_id as raw_file_id,
        _line_number as raw_line_number

    from source

)

select * from renamed
