{{ config(enabled=source_enabled("offline")) }}

with

source as (

    {{ latest_version("offline", "events") }}

),

renamed as (

    select
        -- ids
        event_id,
        campaign_id,

        -- text
        event_name,
        event_type,
        city,
        country,

        -- dates
        starts_on,
        ends_on,

        -- timestamps
        updated_at,

        -- provenance
        _file_id as raw_file_id,
        _line_number as raw_line_number

    from source

)

select * from renamed
