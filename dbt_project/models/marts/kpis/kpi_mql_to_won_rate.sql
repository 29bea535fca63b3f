with leads as (
    select * from {{ ref("fct_funnel_progress") }}
    where from_stage = 'mql' and to_stage = 'won'
),

cells as (
    {{ kpi_cells('leads', 'entered_date', person_segments()) }}
),

-- Until the youngest lead of a period has had its time, the rate would only say how young the period is.
measured as (
    select
        {{ kpi_cell_columns() }},
        count(case when is_converted then 1 end) as numerator,
        case when min(case when is_mature then 1 else 0 end) = 1 then count(*) end as denominator,
        count(*) as n
    from cells
    group by {{ kpi_cell_columns() }}
),

{{ kpi_ratio('mql_to_won_rate', 'measured', n='n') }}

select * from final
