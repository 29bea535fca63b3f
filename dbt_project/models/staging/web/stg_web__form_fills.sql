{{ config(enabled=source_enabled("web")) }}

with

source as (

    {{ latest_version("web", "form_fills") }}

),

renamed as (

    select
        -- ids
        form_fill_id,
        visitor_id,
        session_id,

        -- text
        form_name,
        email,
        company as company_name,
        page_url,
        content_name,
        how_did_you_hear as self_reported_source,

        -- timestamps
        submitted_at,

        -- provenance
        _file_id as raw_file_id,
        _line_number as raw_line_number

    from source

)

select * from renamed
