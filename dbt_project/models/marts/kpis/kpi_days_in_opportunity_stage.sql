-- Beside kpi_days_in_stage, whose stages are the funnel's: these are the CRM's, from the opening of a deal to its end.
with entries as (
    select
        *,
        days_in_stage as days
    from {{ ref("fct_opportunity_stages") }}
    where not is_shell
),

ended as (
    select * from entries
    where days is not null
),

still_open as (
    select * from entries
    where is_running
),

lasting as (
    select
        stage_name,
        entered_date,
        coalesce(days, {{ calendar_days_between("entered_date", business_date()) }}) as days,
        case when is_running then 0 else 1 end as is_ended
    from entries
),

spells as (
    select * from lasting
    where days >= 0
),

{{ kpi_survival("spells", "entered_date", {"stage": "stage_name"}) }},

{{ kpi_durations(
    "days_in_opportunity_stage", "ended", "left_date", {"stage": "stage_name"}, "still_open", "entered_date", "survived",
    months_and_longer(), is_many=true
) }}

-- Of all stages together it would be the time of no deal.
select * from final
where segment_type = 'stage'
