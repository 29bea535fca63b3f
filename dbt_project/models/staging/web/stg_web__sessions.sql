{{ config(enabled=source_enabled("web")) }}

with

source as (

    {{ latest_version("web", "sessions") }}

),

renamed as (

    select
        -- ids
        session_id,
        visitor_id,
        click_id,

        -- text
        landing_page_url,
        referrer_url,
        utm_source,
        utm_medium,
        utm_campaign,
        utm_content,
        utm_term,
        country,
        device,
        user_agent,
        ip_network,

        -- numbers
        page_view_count,

        -- timestamps
        started_at,

        -- provenance
        _file_id as raw_file_id,
        _line_number as raw_line_number

    from source

)

select * from renamed
