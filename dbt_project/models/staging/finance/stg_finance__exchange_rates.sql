{{ config(enabled=source_enabled("finance")) }}

with

source as (

    {{ latest_version("finance", "exchange_rates") }}

),

renamed as (

    select
        -- text
        currency,
        reporting_currency,

        -- numbers
        rate,

        -- dates
        rate_date,

        -- timestamps
        updated_at,

        -- provenance
        _file_id as raw_file_id,
        _line_number as raw_line_number

    from source

)

select * from renamed
