{{ config(enabled=source_enabled("ads")) }}

with

source as (

    {{ latest_version("ads", "clicks") }}

),

renamed as (

    select
        -- ids
        click_id,
        campaign_id,
        visitor_id,

        -- text
        platform,
        ad_type,
        campaign_name,
        ad_name,
        keyword,

        -- booleans
        is_invalid,

        -- timestamps
        clicked_at,

        -- provenance
        _file_id as raw_file_id,
        _line_number as raw_line_number

    from source

)

select * from renamed
