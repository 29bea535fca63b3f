with entries as (
    select * from {{ ref("fct_stage_entries") }}
),

cells as (
    {{ kpi_cells('entries', 'entered_date', person_segments()) }}
),

counted as (
    select
        {{ kpi_cell_columns() }},
        stage,
        max(period_end) as period_end,
        count(*) as entry_count,
        count(distinct unit_id) as unit_count,
        count(case when is_inferred then 1 end) as inferred_entry_count,
        count(case when cycle_number > 1 then 1 end) as repeated_cycle_count
    from cells
    group by {{ kpi_cell_columns() }}, stage
),

final as (
    select {{ contract_columns() }}
    from counted
)

select * from final
