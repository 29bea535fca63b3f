{{ config(enabled=source_enabled("salesforce")) }}

with

source as (

    {{ latest_version("salesforce", "opportunities") }}

),

renamed as (

    select
        -- ids
        id as opportunity_id,
        account_id,
        campaign_id,
        owner_id,

        -- text
        name as opportunity_name,
        type as opportunity_type,
        stage_name,
        currency_iso_code as currency,
        forecast_category_name as forecast_category,
        loss_reason_c as loss_reason,
        lead_source,

        -- numbers
        amount,
        probability,

        -- booleans
        is_closed,
        is_won,

        -- dates
        close_date,

        -- timestamps
        created_date as created_at,
        system_modstamp as updated_at,

        -- provenance
        _file_id as raw_file_id,
        _line_number as raw_line_number

    from source

)

select * from renamed
