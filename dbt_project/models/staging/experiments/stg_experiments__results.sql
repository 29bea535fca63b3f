{{ config(enabled=source_enabled("experiments")) }}

with

source as (

    {{ latest_version("experiments", "results") }}

),

renamed as (

    select
        -- ids
        experiment_id,

        -- text
        channel,
        conversion_type,
        design,

        -- numbers
        treated_units as treated_count,
        control_units as control_count,
        treated_conversions,
        control_conversions,
        increment,
        standard_error,

        -- dates
        starts_on,
        ends_on,
        measured_until,

        -- timestamps
        updated_at,

        -- provenance
        _file_id as raw_file_id,
        _line_number as raw_line_number

    from source

)

select * from renamed
