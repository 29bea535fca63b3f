-- Minutes add up for the mean only; median and p90 are taken of the hand-overs themselves, by month at the finest.
with handovers as (
    select * from {{ ref("fct_lead_handovers") }}
    where not is_rejected_unasked
),

cells as (
    {{ kpi_cells(
        "handovers",
        "handed_over_date",
        person_segments(),
        ["response_minutes"],
        ["month", "quarter", "fiscal_quarter", "fiscal_year", "trailing_12_months", "all_time"]
    ) }}
),

measured as (
    select
        {{ kpi_cell_columns() }},
        count(response_minutes) as answered_count,
        count(*) - count(response_minutes) as unanswered_count,
        sum(response_minutes) as total_minutes,
        {{ percentile_of("response_minutes", 0.5) }} as median_minutes,
        {{ percentile_of("response_minutes", 0.9) }} as p90_minutes
    from cells
    group by {{ kpi_cell_columns() }}
),

valued as (
    {%- for kind, value in {
        "mean": ratio("total_minutes", "answered_count"), "median": "median_minutes", "p90": "p90_minutes",
        "open_count": "unanswered_count",
    }.items() %}
        select
            'lead_response_minutes' as kpi,
            {{ kpi_cell_columns() }},
            {{ value }} as value,
            '{{ kind }}' as value_kind,
            {{ "total_minutes" if kind == "mean" else "null" }} as numerator,
            {{ "answered_count" if kind == "mean" else "null" }} as denominator,
            {{ "unanswered_count" if kind == "open_count" else "answered_count" }} as n
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
