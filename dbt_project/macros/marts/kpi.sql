{#-
    A KPI is one file: a CTE of events (one row per thing counted, with its date and segment columns), its cells, and
    an aggregate per cell with the uniform columns. These macros are the parts that all KPIs share; durations, stocks
    and survival have files of their own beside this one.
-#}

{#- Reporting periods, as `dim_date_periods` makes them. Fiscal ones begin with var `fiscal_year_start_month`. -#}
{% macro period_grains() -%}
    {{ return(["day", "week", "month", "quarter", "fiscal_quarter", "fiscal_year", "trailing_12_months", "all_time"]) }}
{%- endmacro %}

{#- The grains whose periods are whole months. -#}
{% macro months_and_longer() -%}
    {{ return(period_grains()[2:]) }}
{%- endmacro %}

{#-
    How a value is made. `ratio` and `mean` are numerator / denominator; `sum` and `count` are additive; `median` and
    `p90` are percentiles of what ended; `lift` is the share of some / that of others; `negative_count` and `open_count` say what those leave out;
    `survival_median` counts what is still open (Kaplan-Meier), `survival` and `fit` come from a fitted model;
    `compounded` carries a month's rate to a year.
-#}
{% macro value_kinds() -%}
    {{ return(["ratio", "mean", "sum", "count", "lift", "median", "p90", "negative_count", "open_count", "survival_median",
        "survival", "fit", "compounded"]) }}
{%- endmacro %}

{#- The columns that make a cell: group a KPI by these. -#}
{% macro kpi_cell_columns() -%}
    period_grain, period_start, segment_type, segment_value
{%- endmacro %}

{#- A query: every row of `events` once for each period that holds its `date_column` and each segment type. Dear where
    events are many: what can be added up goes through `kpi_sums`.
    segments: {segment_type: column of events}; `overall` is added. What nobody recorded is `not_recorded`.
    columns: those of `events` that are needed.
    grains: those of `period_grains` that are needed, all by default. -#}
{% macro kpi_cells(events, date_column, segments, columns=none, grains=none) -%}
    select
        periods.period_grain,
        periods.period_start,
        periods.period_end,
        {{ segment_columns('events', segments) }},
        {% for column in columns or ['*'] -%}
        events.{{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ events }} as events
    inner join {{ ref("dim_date_periods") }} as periods
        on events.{{ date_column }} = periods.date_day
        {%- if grains %} and periods.period_grain in ('{{ grains | join("', '") }}'){% endif %}
    cross join ({{ segment_types(segments) }}) as segments
{%- endmacro %}

{#- A query: the sums of a cell. Events are added up by day and segment first, so that the many periods of a day meet
    few rows.
    measures: {column: SQL expression over events}, whose sums are wanted; a sum is null where all its terms are. -#}
{% macro kpi_sums(events, date_column, segments, measures, grains=none) -%}
    select
        periods.period_grain,
        periods.period_start,
        daily.segment_type,
        daily.segment_value,
        {%- for name in measures %}
        sum(daily.{{ name }}) as {{ name }}{{ ',' if not loop.last }}
        {%- endfor %}
    from (
        {{ kpi_daily_sums(events, date_column, segments, measures) | indent(4) }}
    ) as daily
    inner join {{ ref("dim_date_periods") }} as periods
        on daily.date_day = periods.date_day
        {%- if grains %} and periods.period_grain in ('{{ grains | join("', '") }}'){% endif %}
    group by periods.period_grain, periods.period_start, daily.segment_type, daily.segment_value
{%- endmacro %}

{#- A query: the sums of each day and segment; see `kpi_sums`. -#}
{% macro kpi_daily_sums(events, date_column, segments, measures) -%}
    select
        segmented.date_day,
        segmented.segment_type,
        segmented.segment_value,
        {%- for name in measures %}
        sum(segmented.{{ name }}) as {{ name }}{{ ',' if not loop.last }}
        {%- endfor %}
    from (
        select
            events.{{ date_column }} as date_day,
            {{ segment_columns('events', segments) | indent(8) }},
            {%- for name, expression in measures.items() %}
            {{ expression }} as {{ name }}{{ ',' if not loop.last }}
            {%- endfor %}
        from {{ events }} as events
        cross join ({{ segment_types(segments) }}) as segments
    ) as segmented
    group by segmented.date_day, segmented.segment_type, segmented.segment_value
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

{#- How opportunities are segmented: {segment_type: column of fct_opportunities}. Each opportunity is in one segment
    of a type, so that segments add up. -#}
{% macro opportunity_segments() -%}
    {{ return({
        'owner': 'owner_id', 'team': 'team', 'manager': 'manager_id', 'lead_source': 'lead_source',
        'channel': 'source_channel', 'product': 'main_product_id', 'opportunity_type': 'opportunity_type',
        'industry': 'industry', 'company_size': 'company_size', 'region': 'region', 'account_segment': 'account_segment'
    }) }}
{%- endmacro %}

{#- How people are segmented: {segment_type: column of fct_stage_entries}. -#}
{% macro person_segments() -%}
    {{ return({
        'owner': 'owner_id', 'team': 'team', 'lead_source': 'lead_source',
        'industry': 'industry', 'company_size': 'company_size', 'region': 'region', 'account_segment': 'account_segment'
    }) }}
{%- endmacro %}

{#- How accounts are segmented: {segment_type: column of dim_accounts}. -#}
{% macro customer_segments() -%}
    {{ return({
        'owner': 'owner_id', 'industry': 'industry', 'company_size': 'company_size', 'region': 'region',
        'account_segment': 'segment'
    }) }}
{%- endmacro %}

{#- How customers are segmented: {segment_type: column of fct_customer_months}. `owner` sold the first term. -#}
{% macro customer_month_segments() -%}
    {{ return({
        'owner': 'owner_id', 'team': 'team', 'tenure': 'tenure_band', 'industry': 'industry',
        'company_size': 'company_size', 'region': 'region', 'account_segment': 'account_segment'
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
    CTEs that end with `final`: the rows of several figures of one table of cells.

    figures: one dictionary a figure, of SQL expressions over `measured`: `kpi` its name, `numerator`, `denominator`,
    `n`; `kind` (of `value_kinds`, `ratio` by default); `value` where it is not numerator / denominator; `only` where it
    is not made of every cell. Null where the numerator is.
-#}
{% macro kpi_figures(measured, figures) -%}
valued as (
    {%- for figure in figures %}
    select
        '{{ figure.kpi }}' as kpi,
        {{ kpi_cell_columns() }},
        {% if figure.value -%}
        {{ figure.value }} as value,
        {%- else -%}
        case when {{ figure.numerator }} is not null then {{ ratio(figure.numerator, figure.denominator) }} end as value,
        {%- endif %}
        '{{ figure.kind or "ratio" }}' as value_kind,
        cast({{ figure.numerator or "null" }} as double) as numerator,
        cast({{ figure.denominator or "null" }} as double) as denominator,
        cast({{ figure.n }} as bigint) as n
    from {{ measured }}
    {{ "where " ~ figure.only if figure.only }}
    {{ "union all" if not loop.last }}
    {%- endfor %}
),

final as (
    select {{ contract_columns() }}
    from valued
)
{%- endmacro %}
