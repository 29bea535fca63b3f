{#-
    A query: the same as `kpi_percentiles`, of events that are too many to be held once for each of the periods that a
    month lies in.

    Percentiles do not add up. So values are counted by bins of their logarithm first, which do; the counts tell the bin
    that each percentile lies in, and only the values of those bins are put in order. The result is exact: linear between
    neighbours, as `percentile_of`.

    value: SQL over `events`, not negative; grains: of months and longer; overall: whether all segments together are
    wanted too.
-#}
{% macro kpi_percentiles_of_many(events, date_column, segments, value, grains, overall=true) -%}
    {%- set percentiles = {"median": "5e-1", "p90": "9e-1"} -%}
    {%- set cell = ["period_grain", "period_start", "segment_type", "segment_value"] -%}
    with periods as (
        select
            period_grain,
            period_start,
            date_day
        from {{ ref("dim_date_periods") }}
        where period_grain in ('{{ grains | join("', '") }}')
    ),

    valued as (
        select
            cast(date_trunc('month', events.{{ date_column }}) as date) as date_day,
            {{ segment_columns("events", segments) }},
            cast({{ value }} as double) as value
        from {{ events }} as events
        cross join ({{ segment_types(segments) }}) as segments
        {%- if not overall %}
            where segments.segment_type != 'overall'
        {%- endif %}
    ),

    binned as (
        select
            *,
            cast(floor(32 * ln(1 + value)) as integer) as bin
        from valued
    ),

    counted as (
        select
            date_day,
            segment_type,
            segment_value,
            bin,
            count(*) as event_count,
            sum(value) as total
        from binned
        group by date_day, segment_type, segment_value, bin
    ),

    bins as (
        select
            periods.period_grain,
            periods.period_start,
            counted.segment_type,
            counted.segment_value,
            counted.bin,
            sum(counted.event_count) as event_count,
            sum(counted.total) as total
        from counted
        inner join periods on counted.date_day = periods.date_day
        group by
            periods.period_grain, periods.period_start, counted.segment_type, counted.segment_value, counted.bin
    ),

    running as (
        select
            *,
            sum(event_count) over (partition by {{ cell | join(", ") }}) as measured_count,
            sum(event_count) over (
                partition by {{ cell | join(", ") }}
                order by bin
                rows between unbounded preceding and current row
            ) - event_count as count_before
        from bins
        where bin is not null
    ),

    -- Of each percentile the two neighbours that it lies between, by how many values of their bin come before them.
    neighbours as (
        {%- for name, share in percentiles.items() %}
            {%- for side, rounded in {"low": "floor", "high": "ceil"}.items() %}
                select
                    {{ cell | join(", ") }},
                    bin,
                    '{{ name }}_{{ side }}' as neighbour,
                    {{ rounded }}((measured_count - 1) * {{ share }}) - count_before as place_in_bin
                from running
                where
                    {{ rounded }}((measured_count - 1) * {{ share }}) >= count_before
                    and {{ rounded }}((measured_count - 1) * {{ share }}) < count_before + event_count
                {{ "union all" if not (loop.last and name == "p90") }}
            {%- endfor %}
        {%- endfor %}
    ),

    wanted as (
        select distinct
            neighbours.period_grain,
            neighbours.period_start,
            neighbours.segment_type,
            neighbours.segment_value,
            neighbours.bin,
            periods.date_day
        from neighbours
        inner join periods
            on neighbours.period_grain = periods.period_grain and neighbours.period_start = periods.period_start
    ),

    ranked as (
        select
            wanted.period_grain,
            wanted.period_start,
            wanted.segment_type,
            wanted.segment_value,
            wanted.bin,
            binned.value,
            row_number() over (
                partition by
                    wanted.period_grain, wanted.period_start, wanted.segment_type, wanted.segment_value, wanted.bin
                order by binned.value
            ) - 1 as place_in_bin
        from binned
        inner join wanted
            on
                binned.date_day = wanted.date_day
                and binned.segment_type = wanted.segment_type
                and binned.segment_value = wanted.segment_value
                and binned.bin = wanted.bin
    ),

    picked as (
        select
            {%- for column in cell %}
                neighbours.{{ column }},
            {%- endfor %}
            {%- for name in percentiles %}
                max(case when neighbours.neighbour = '{{ name }}_low' then ranked.value end) as {{ name }}_low,
                max(case when neighbours.neighbour = '{{ name }}_high' then ranked.value end) as {{ name }}_high
                {{- "," if not loop.last }}
            {%- endfor %}
        from neighbours
        inner join ranked
            on
                {%- for column in cell %}
                    neighbours.{{ column }} = ranked.{{ column }} and
                {%- endfor %}
                neighbours.bin = ranked.bin
                and neighbours.place_in_bin = ranked.place_in_bin
        group by neighbours.{{ cell | join(", neighbours.") }}
    ),

    cells as (
        select
            {{ cell | join(", ") }},
            coalesce(sum(case when bin is not null then event_count end), 0) as measured_count,
            coalesce(sum(case when bin is null then event_count end), 0) as open_count,
            sum(total) as total
        from bins
        group by {{ cell | join(", ") }}
    )

    select
        cells.*,
        {%- for name, share in percentiles.items() %}
            picked.{{ name }}_low + (picked.{{ name }}_high - picked.{{ name }}_low)
            * ((cells.measured_count - 1) * {{ share }} - floor((cells.measured_count - 1) * {{ share }})) as {{ name }}
            {{- "," if not loop.last }}
        {%- endfor %}
    from cells
    left join picked
        on
            {%- for column in cell %}
                cells.{{ column }} = picked.{{ column }}{{ " and" if not loop.last }}
            {%- endfor %}
{%- endmacro %}
