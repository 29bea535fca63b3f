with leads as (
    select * from {{ ref("fct_funnel_progress") }}
    where from_stage = 'mql' and to_stage = 'won'
),

cells as (
    {{ kpi_cells("leads", "entered_date", person_segments()) }}
),

-- Only MQLs that have had their whole time are judged, and only by what they did within it: old and young ones have
-- the same chance then.
measured as (
    select
        {{ kpi_cell_columns() }},
        count(case when is_mature and is_converted_in_window then 1 end) as numerator,
        count(case when is_mature then 1 end) as denominator,
        count(*) as n
    from cells
    group by {{ kpi_cell_columns() }}
),

{{ kpi_ratio("mql_to_won_rate", "measured", n="n") }}

select * from final
