{{ config(enabled=source_enabled("surveys")) }}

with

source as (

    {{ latest_version("surveys", "waves") }}

),

renamed as (

    select
        -- ids
        wave_id,

        -- text
        survey_type,
        team,

        -- numbers
        invited_count,
        scale_min,
        scale_max,

        -- dates
        sent_on,
        closes_on,

        -- timestamps
        updated_at,

        -- provenance
        _file_id as raw_file_id,
        _line_number as raw_line_number

    from source

)

select * from renamed
