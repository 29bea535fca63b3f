{{ config(enabled=source_enabled("salesforce")) }}

with

source as (

    {{ latest_version("salesforce", "opportunity_history") }}

),

renamed as (

    select
        -- ids
        id as opportunity_history_id,
        opportunity_id,
        created_by_id as changed_by_id,

        -- text
        stage_name,
        forecast_category,

        -- numbers
        amount,
        probability,

        -- dates
        close_date,

        -- timestamps
        created_date as changed_at,

        -- provenance
        _file_id as raw_file_id,
        _line_number as raw_line_number

    from source

)

select * from renamed
