{{ config(enabled=source_enabled("finance")) }}

with

source as (

    {{ latest_version("finance", "subscriptions") }}

),

renamed as (

    select
        -- ids
        subscription_id,
        account_id,
        opportunity_id,

        -- text
        started_by,
        status,
        currency,

        -- numbers
        annual_amount,

        -- dates
        starts_on,
        ends_on,
        cancelled_on,

        -- timestamps
        updated_at,

        -- provenance
        _file_id as raw_file_id,
        _line_number as raw_line_number

    from source

)

select * from renamed
