{{ config(enabled=source_enabled("salesforce")) }}

with

source as (

    {{ latest_version("salesforce", "accounts", keep_deleted_when="master_record_id is not null") }}

),

renamed as (

    select
        -- ids
        id as account_id,
        parent_id as parent_account_id,
        owner_id,
        master_record_id as merged_into_account_id,

        -- text
        name as account_name,
        website,
        industry,
        billing_country as country,
        region_c as region,
        segment_c as segment,
        type as account_type,

        -- numbers
        number_of_employees as employee_count,
        annual_revenue,

        -- timestamps
        created_date as created_at,
        system_modstamp as updated_at,

        -- provenance
        _file_id as raw_file_id,
        _line_number as raw_line_number

    from source

)

select * from renamed
