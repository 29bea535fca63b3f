{{ config(enabled=source_enabled("salesforce")) }}

with

source as (

    {{ latest_version("salesforce", "opportunity_line_items") }}

),

renamed as (

    select
        -- ids
        id as opportunity_line_id,
        opportunity_id,
        product2_id as product_id,

        -- numbers
        quantity,
        unit_price,
        list_price,
        discount as discount_percent,
        total_price as total_amount,

        -- timestamps
        created_date as created_at,
        system_modstamp as updated_at,

        -- provenance
        _file_id as raw_file_id,
        _line_number as raw_line_number

    from source

)

select * from renamed
