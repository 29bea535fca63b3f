with closed as (
    select * from {{ ref("fct_opportunities") }}
    where opportunity_status in ('won', 'lost')
),

cells as (
    {{ kpi_cells("closed", "close_date", opportunity_segments()) }}
),

measured as (
    select
        {{ kpi_cell_columns() }},
        count(case when opportunity_status = 'won' then 1 end) as numerator,
        count(*) as denominator
    from cells
    group by {{ kpi_cell_columns() }}
),

{{ kpi_ratio("win_rate", "measured") }}

select * from final
