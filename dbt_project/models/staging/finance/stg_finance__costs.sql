{{ config(enabled=source_enabled("finance")) }}

with

source as (

    {{ latest_version("finance", "costs") }}

),

renamed as (

    select
        -- ids
        cost_id,
        campaign_id,

        -- text
        department,
        category,
        channel,
        currency,

        -- numbers
        amount,

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
