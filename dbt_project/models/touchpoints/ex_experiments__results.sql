{{ config(enabled=source_enabled("experiments")) }}

with

results as (

    select * from {{ ref("stg_experiments__results") }}

),

mapped as (

    select
        'experiments' as source_system,
        experiment_id,
        conversion_type,
        channel,
        design,
        starts_on,
        ends_on,
        measured_until,
        increment,
        standard_error

    from results

)

select * from mapped
