{#-
    A query: per cell how many events have a value and how many have none, their sum, median and ninth decile
    (`measured_count`, `open_count`, `total`, `median`, `p90`). Percentiles need every event in every period: one
    segment type is done after another, so that what is held at once does not grow with them.

    value: SQL over `events`; segments and grains as for `kpi_cells`. Where events are many (millions), and months the
    finest grain, `kpi_percentiles_of_many` gives the same for less.
-#}
{% macro kpi_percentiles(events, date_column, segments, value, grains) -%}
    {%- for segment_type, column in dict({"overall": none}, **segments).items() %}
        select
            periods.period_grain,
            periods.period_start,
            '{{ segment_type }}' as segment_type,
            {{ "coalesce(events." ~ column ~ ", 'not_recorded')" if column else "'all'" }} as segment_value,
            count({{ value }}) as measured_count,
            count(*) - count({{ value }}) as open_count,
            sum({{ value }}) as total,
            {{ percentile_of(value, 0.5) }} as median,
            {{ percentile_of(value, 0.9) }} as p90
        from {{ events }} as events
        inner join {{ ref("dim_date_periods") }} as periods
            on
                events.{{ date_column }} = periods.date_day
                and periods.period_grain in ('{{ grains | join("', '") }}')
        group by periods.period_grain, periods.period_start{{ ", events." ~ column if column }}
        {%- if not loop.last %}
        union all
        {%- endif %}
    {%- endfor %}
{%- endmacro %}
