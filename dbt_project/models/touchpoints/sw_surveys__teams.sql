{{ config(enabled=source_enabled("surveys")) }}

with

waves as (

    select * from {{ ref("stg_surveys__waves") }}

),

mapped as (

    select
        'surveys' as source_system,
        wave_id,
        survey_type,
        team,
        sent_on,
        closes_on,
        invited_count,
        scale_min,
        scale_max

    from waves

)

select * from mapped
