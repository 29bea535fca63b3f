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
        sum(case when opportunity_status = 'won' then coalesce(amount_reporting, 0) else 0 end) as numerator,
        sum(coalesce(amount_reporting, 0)) as denominator,
        count(*) as n
    from cells
    group by {{ kpi_cell_columns() }}
),

{{ kpi_ratio("win_rate_by_value", "measured", n="n") }}

select * from final
