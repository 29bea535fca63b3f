{{ config(enabled=source_enabled("olist")) }}

with

source as (

    {{ latest_version("olist", "marketing_qualified_leads") }}

),

renamed as (

    select
        -- ids
        mql_id,
        landing_page_id,

        -- text
        origin,

        -- dates
        first_contact_date as first_contact_on,

        -- provenance
        _file_id as raw_file_id,
        _line_number as raw_line_number

    from source

)

select * from renamed
