with entries as (
    select * from {{ ref("fct_stage_entries") }}
),

-- Counted by day first, so that the many periods of a day meet few rows.
daily as (
    select
        entered_date,
        stage,
        {{ person_segments().values() | join(", ") }},
        count(*) as entry_count,
        count(case when is_inferred then 1 end) as inferred_entry_count,
        count(case when cycle_number > 1 then 1 end) as repeated_cycle_count
    from entries
    where {{ is_counted_entry() }}
    group by entered_date, stage, {{ person_segments().values() | join(", ") }}
),

cells as (
    {{ kpi_cells("daily", "entered_date", person_segments()) }}
),

counted as (
    select
        {{ kpi_cell_columns() }},
        stage,
        max(period_end) as period_end,
        sum(entry_count) as entry_count,
        sum(inferred_entry_count) as inferred_entry_count,
        sum(repeated_cycle_count) as repeated_cycle_count
    from cells
    group by {{ kpi_cell_columns() }}, stage
),

final as (
    select {{ contract_columns() }}
    from counted
)

select * from final
