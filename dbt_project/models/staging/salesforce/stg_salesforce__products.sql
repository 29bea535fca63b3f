{{ config(enabled=source_enabled("salesforce")) }}

with

source as (

    {{ latest_version("salesforce", "products") }}

),

renamed as (

    select
        -- ids
        id as product_id,

        -- text
        name as product_name,
        product_code,
        family as product_family,

        -- numbers
        unit_cost_c as unit_cost,

        -- booleans
        is_active,

        -- timestamps
        created_date as created_at,
        system_modstamp as updated_at,

        -- provenance
        _file_id as raw_file_id,
        _line_number as raw_line_number

    from source

)

select * from renamed
