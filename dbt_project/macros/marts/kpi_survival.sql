{#-
    CTEs that end with `survived`: the median duration of a cell's spells by Kaplan & Meier (1958, JASA 53:282), which
    counts those that have not ended with the time they have lasted so far. At each duration the share that goes on is
    multiplied by 1 - ended / (still there); the median is the first duration at which half or less goes on, null where
    more than half still does. By month of the start at the finest, so that months can be added up before the many periods
    of each meet them.

    spells: a CTE with `days` (0 or more; until now for what has not ended), `is_ended` (1 or 0) and the date column
    `start_date`.
-#}
{% macro kpi_survival(spells, start_date, segments) -%}
spell_months as (
    select
        start_month,
        segment_type,
        segment_value,
        days,
        sum(is_ended) as ended_count,
        count(*) as spell_count
    from (
        select
            cast(date_trunc('month', spells.{{ start_date }}) as date) as start_month,
            {{ segment_columns('spells', segments) | indent(4) }},
            spells.days,
            spells.is_ended
        from {{ spells }} as spells
        cross join ({{ segment_types(segments) }}) as segments
    ) as segmented
    group by start_month, segment_type, segment_value, days
),

spell_days as (
    select
        periods.period_grain,
        periods.period_start,
        spell_months.segment_type,
        spell_months.segment_value,
        spell_months.days,
        sum(spell_months.ended_count) as ended_count,
        sum(spell_months.spell_count) as spell_count
    from spell_months
    inner join {{ ref("dim_date_periods") }} as periods
        on
            spell_months.start_month = periods.date_day
            and periods.period_grain in ('{{ months_and_longer() | join("', '") }}')
    group by
        periods.period_grain, periods.period_start, spell_months.segment_type, spell_months.segment_value,
        spell_months.days
),

at_risk as (
    select
        *,
        sum(spell_count) over (
            partition by {{ kpi_cell_columns() }}
            order by days desc
            rows between unbounded preceding and current row
        ) as at_risk_count
    from spell_days
),

surviving as (
    select
        *,
        -- A product is the exponential of a sum of logarithms; nobody goes on where all that were there ended.
        exp(sum(case when ended_count < at_risk_count then ln(1 - ended_count / cast(at_risk_count as double)) else -1e9 end)
            over (
                partition by {{ kpi_cell_columns() }}
                order by days
                rows between unbounded preceding and current row
            )) as surviving_share
    from at_risk
),

survived as (
    select
        {{ kpi_cell_columns() }},
        -- Half within the noise of doubles.
        min(case when surviving_share <= 5e-1 + 1e-12 then days end) as value,
        sum(spell_count) as n
    from surviving
    group by {{ kpi_cell_columns() }}
)
{%- endmacro %}
