with deals as (

    select
        person_id,
        cycle_number,
        opportunity_id,
        min(entered_at) as opportunity_created_at
    from {{ ref("int_person_stage_events") }}
    where stage = 'opportunity'
    group by person_id, cycle_number, opportunity_id

),

ranked as (

    select
        *,
        row_number() over (
            partition by person_id, cycle_number
            order by opportunity_created_at, opportunity_id
        ) as opportunity_number
    from deals

)

select * from ranked
