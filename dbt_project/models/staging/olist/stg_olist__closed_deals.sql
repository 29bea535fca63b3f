{{ config(enabled=source_enabled("olist")) }}

with

source as (

    {{ latest_version("olist", "closed_deals") }}

),

renamed as (

    select
        -- ids
        mql_id,
        seller_id,
        sdr_id,
        sr_id,

        -- text
        business_segment,
        lead_type,
        lead_behaviour_profile,
        average_stock,
        business_type,

        -- numbers
        declared_product_catalog_size,
        declared_monthly_revenue,

        -- booleans
        has_company,
        has_gtin,

        -- timestamps
        won_date as won_at,

        -- provenance
        _file_id as raw_file_id,
        _line_number as raw_line_number

    from source

)

select * from renamed
