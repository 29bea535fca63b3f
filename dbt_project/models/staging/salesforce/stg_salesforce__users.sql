{{ config(enabled=source_enabled("salesforce")) }}

with

source as (

    {{ latest_version("salesforce", "users") }}

),

renamed as (

    select
        -- ids
        id as user_id,
        manager_id,

        -- text
        name as user_name,
        email,
        title,
        department,
        team_c as team,

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
