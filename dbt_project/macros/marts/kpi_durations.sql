{#-
    CTEs that end with `final`: the rows of a KPI that is a duration. A row per cell and `value_kind`: `mean` (with
    numerator and denominator), `median`, `p90`, `negative_count` (ended before they began: records to correct, kept
    out of the three) and `open_count` (begun in the period and not ended yet: their duration is not known).

    ended: a CTE with `days` and the date column `end_date`; all_units: a CTE with `opportunity_status` and the date
    column `start_date`.
-#}
{% macro kpi_durations(kpi, ended, end_date, segments, all_units, start_date) -%}
still_open as (
    select * from {{ all_units }}
    where opportunity_status = 'open'
),

ended_cells as (
    {{ kpi_cells(ended, end_date, segments) }}
),

open_cells as (
    {{ kpi_cells('still_open', start_date, segments) }}
),

measured as (
    select
        {{ kpi_cell_columns() }},
        count(case when days >= 0 then 1 end) as measured_count,
        count(case when days < 0 then 1 end) as negative_count,
        sum(case when days >= 0 then days end) as total_days,
        {{ percentile_of('case when days >= 0 then days end', 0.5) }} as median_days,
        {{ percentile_of('case when days >= 0 then days end', 0.9) }} as p90_days
    from ended_cells
    group by {{ kpi_cell_columns() }}
),

counted_open as (
    select
        {{ kpi_cell_columns() }},
        count(*) as open_count
    from open_cells
    group by {{ kpi_cell_columns() }}
),

valued as (
    {%- for kind, value in {
        'mean': ratio('total_days', 'measured_count'), 'median': 'median_days', 'p90': 'p90_days',
        'negative_count': 'negative_count',
    }.items() %}
    select
        {{ kpi_cell_columns() }},
        {{ value }} as value,
        '{{ kind }}' as value_kind,
        {{ 'total_days' if kind == 'mean' else 'null' }} as numerator,
        {{ 'measured_count' if kind == 'mean' else 'null' }} as denominator,
        {{ 'negative_count' if kind == 'negative_count' else 'measured_count' }} as n
    from measured
    union all
    {%- endfor %}
    select
        {{ kpi_cell_columns() }},
        open_count as value,
        'open_count' as value_kind,
        null as numerator,
        null as denominator,
        open_count as n
    from counted_open
),

named as (
    select
        '{{ kpi }}' as kpi,
        valued.*
    from valued
),

final as (
    select {{ contract_columns() }}
    from named
)
{%- endmacro %}
