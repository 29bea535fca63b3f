{{ config(enabled=source_enabled("olist")) }}

with

source as (

    {{ latest_version("olist", "sellers") }}

),

renamed as (

    select
        -- ids
        seller_id,

        -- text
        seller_zip_code_prefix as zip_code_prefix,
        seller_city as city,
        seller_state as state,

        -- provenance
        _file_id as raw_file_id,
        _line_number as raw_line_number

    from source

)

select * from renamed
