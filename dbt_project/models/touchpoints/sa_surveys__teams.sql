{{ config(enabled=source_enabled("surveys")) }}

with

responses as (

    select * from {{ ref("stg_surveys__responses") }}

),

mapped as (

    select
        'surveys' as source_system,
        response_id as answer_id,
        wave_id,
        respondent_id,
        question,
        answer,
        answered_at

    from responses

)

select * from mapped
