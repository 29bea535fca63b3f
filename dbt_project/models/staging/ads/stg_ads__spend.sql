{{ config(enabled=source_enabled("ads")) }}

with

source as (

    {{ latest_version("ads", "spend") }}

),

renamed as (

    select
        -- ids
        campaign_id,

        -- text
        platform,
        ad_type,
        campaign_name,
        currency,

        -- numbers
        impressions,
        clicks,
        cost,

        -- dates
        spend_date,

        -- timestamps
        updated_at,

        -- provenance
        _file_id as raw_file_id,
        _line_number as raw_line_number

    from source

)

select * from renamed
