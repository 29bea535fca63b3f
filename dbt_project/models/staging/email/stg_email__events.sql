{{ config(enabled=source_enabled("email")) }}

with

source as (

    {{ latest_version("email", "events") }}

),

renamed as (

    select
        -- ids
        event_id as email_event_id,
        campaign_id,
        visitor_id,

        -- text
        event_type,
        email,
        campaign_name,
        message_name,
        link_url,

        -- booleans
        is_machine,

        -- timestamps
        occurred_at,

        -- provenance
        _file_id as raw_file_id,
        _line_number as raw_line_number

    from source

)

select * from renamed
