{#-
    CTEs that end with `final`: the rows of a KPI that is a duration. A row per cell and `value_kind`: `mean` (with
    numerator and denominator), `median`, `p90`, `negative_count` (ended before they began: records to correct, kept
    out of the three) and `open_count` (begun in the period and not ended yet: their duration is not known).

    ended: a CTE with `days` and the date column `end_date`; still_open: a CTE with the date column `start_date`.
    survived: where given, a CTE with the cell columns, `value` and `n`, the rows of kind `survival_median`.
    is_many: whether `ended` are too many for `kpi_percentiles`; of all segments together there is nothing then.
-#}
{% macro kpi_durations(kpi, ended, end_date, segments, still_open, start_date, survived=none, grains=period_grains(), is_many=false) -%}
measured as (
    {%- set days = "case when events.days >= 0 then events.days end" %}
    {%- if is_many %}
    {{ kpi_percentiles_of_many(ended, end_date, segments, days, grains, overall=false) }}
    {%- else %}
    {{ kpi_percentiles(ended, end_date, segments, days, grains) }}
    {%- endif %}
),

counted_open as (
    {{ kpi_sums(still_open, start_date, segments, {'open_count': '1'}, grains) }}
),

valued as (
    {%- for kind, value in {
        'mean': ratio('total', 'measured_count'), 'median': 'median', 'p90': 'p90', 'negative_count': 'open_count',
    }.items() %}
    select
        {{ kpi_cell_columns() }},
        {{ value }} as value,
        '{{ kind }}' as value_kind,
        {{ 'total' if kind == 'mean' else 'null' }} as numerator,
        {{ 'measured_count' if kind == 'mean' else 'null' }} as denominator,
        {{ 'open_count' if kind == 'negative_count' else 'measured_count' }} as n
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
    {%- if survived %}
    union all
    select
        {{ kpi_cell_columns() }},
        value,
        'survival_median' as value_kind,
        null as numerator,
        null as denominator,
        n
    from {{ survived }}
    {%- endif %}
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
