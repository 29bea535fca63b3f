{#- Every row of a KPI follows the uniform rules: one row per cell and kind, known grains and kinds, a value that is its
    numerator / denominator and is there exactly where both are and the denominator is not 0, and never infinite. -#}
{% test kpi_rows(model) %}

    select
        'cell' as rule,
        kpi, period_grain, period_start, segment_type, segment_value, value_kind
    from {{ model }}
    group by kpi, period_grain, period_start, segment_type, segment_value, value_kind
    having
        count(*) > 1
        or period_grain not in ('{{ period_grains() | join("', '") }}')
        or value_kind not in ('{{ value_kinds() | join("', '") }}')
    union all
    select
        'value' as rule,
        kpi, period_grain, period_start, segment_type, segment_value, value_kind
    from {{ model }}
    where
        (value - value) != 0
        or (
            value_kind in ('ratio', 'mean')
            and (
                (value is not null) != coalesce(denominator > 0 and numerator is not null, false)
                or abs(value * denominator - numerator) > 1e-6 * greatest(1, abs(numerator))
            )
        )

{% endtest %}
