{{ config(enabled=source_enabled("surveys")) }}

with

source as (

    {{ latest_version("surveys", "responses") }}

),

renamed as (

    select
        -- ids
        response_id,
        wave_id,
        respondent_id,

        -- text
        question,

        -- numbers
        answer,

        -- timestamps
        answered_at,

        -- provenance
        _file_id as raw_file_id,
        _line_number as raw_line_number

    from source

)

select * from renamed
