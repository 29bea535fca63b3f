-- Months at the finest: medians of days would be of single hand-overs.
with handovers as (
    select * from {{ ref("fct_lead_handovers") }}
    where not is_rejected_unasked
),

measured as (
    {{ kpi_percentiles_of_many(
        "handovers",
        "handed_over_date",
        person_segments(),
        "events.response_minutes",
        months_and_longer()
    ) }}
),

valued as (
    {%- for kind, value in {
        "mean": ratio("total", "measured_count"), "median": "median", "p90": "p90", "open_count": "open_count",
    }.items() %}
        select
            'lead_response_minutes' as kpi,
            {{ kpi_cell_columns() }},
            {{ value }} as value,
            '{{ kind }}' as value_kind,
            {{ "total" if kind == "mean" else "null" }} as numerator,
            {{ "measured_count" if kind == "mean" else "null" }} as denominator,
            {{ "open_count" if kind == "open_count" else "measured_count" }} as n
        from measured
        {%- if not loop.last %}
            union all
        {%- endif %}
    {%- endfor %}
),

final as (
    select {{ contract_columns() }}
    from valued
)

select * from final
