{#-
    A KPI is one file: a CTE of events (one row per thing counted, with its date and segment columns), cells made by
    `kpi_cells`, and an aggregate per cell with the uniform columns. These macros are the parts that all KPIs share.
-#}

{#- The columns that make a cell: group a KPI by these. -#}
{% macro kpi_cell_columns() -%}
    period_grain, period_start, segment_type, segment_value
{%- endmacro %}

{#- A query: every row of `events` once for each period that holds its `date_column` and each segment type.
    segments: {segment_type: column of events}; `overall` is added. What nobody recorded is `not_recorded`. -#}
{% macro kpi_cells(events, date_column, segments) -%}
    select
        periods.period_grain,
        periods.period_start,
        periods.period_end,
        {{ segment_columns('events', segments) }},
        events.*
    from {{ events }} as events
    inner join {{ ref("dim_date_periods") }} as periods
        on events.{{ date_column }} = periods.date_day
    cross join ({{ segment_types(segments) }}) as segments
{%- endmacro %}

{#- A query: the segment types, `overall` among them, column `segment_type`. -#}
{% macro segment_types(segments) -%}
    select 'overall' as segment_type
    {%- for segment_type in segments %}
        union all
        select '{{ segment_type }}' as segment_type
    {%- endfor %}
{%- endmacro %}

{#- `segment_type` and `segment_value` of a row of `relation` joined with `segment_types` as `segments`. -#}
{% macro segment_columns(relation, segments) -%}
    segments.segment_type,
        case segments.segment_type
            when 'overall' then 'all'
            {%- for segment_type, column in segments.items() %}
            when '{{ segment_type }}' then coalesce({{ relation }}.{{ column }}, 'not_recorded')
            {%- endfor %}
        end as segment_value
{%- endmacro %}

{#- How opportunities are segmented: {segment_type: column of fct_opportunities}. -#}
{% macro opportunity_segments() -%}
    {{ return({
        'lead_source': 'lead_source', 'owner': 'owner_id', 'opportunity_type': 'opportunity_type',
        'industry': 'industry', 'region': 'region', 'account_segment': 'account_segment'
    }) }}
{%- endmacro %}

{#- How people are segmented: {segment_type: column of fct_stage_entries}. -#}
{% macro person_segments() -%}
    {{ return({
        'lead_source': 'lead_source', 'owner': 'owner_id',
        'industry': 'industry', 'region': 'region', 'account_segment': 'account_segment'
    }) }}
{%- endmacro %}

{#- CTEs that end with `final`: the rows of a KPI that is numerator / denominator, from a CTE with the cell columns,
    `numerator`, `denominator` (null while the cohort is too young) and, where it differs from the denominator, `n`. -#}
{% macro kpi_ratio(kpi, measured, n='denominator') -%}
rated as (
    select
        '{{ kpi }}' as kpi,
        {{ kpi_cell_columns() }},
        {{ ratio('numerator', 'denominator') }} as value,
        'ratio' as value_kind,
        numerator,
        denominator,
        {{ n }} as n
    from {{ measured }}
),

final as (
    select {{ contract_columns() }}
    from rated
)
{%- endmacro %}

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
