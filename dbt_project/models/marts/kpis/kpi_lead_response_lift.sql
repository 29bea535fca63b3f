{%- set outcomes = {"qualification": "is_qualified", "contact": "is_answered"} -%}
{%- set sums, shares, figures = {"answered_count": "1"}, [], [] -%}
{%- for name, limit in response_limits().items() -%}
    {%- set sides = {"within": "response_minutes <= " ~ limit, "beyond": "response_minutes > " ~ limit} -%}
    {%- for side, condition in sides.items() -%}
        {%- do sums.update({side ~ "_" ~ name: "case when " ~ condition ~ " then 1 else 0 end"}) -%}
        {%- for outcome, flag in outcomes.items() -%}
            {%- set column = outcome ~ "_" ~ side ~ "_" ~ name -%}
            {%- do sums.update({column: "case when " ~ condition ~ " and " ~ flag ~ " then 1 else 0 end"}) -%}
            {%- do shares.append(ratio(column, side ~ "_" ~ name) ~ " as " ~ column ~ "_share") -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- for outcome in outcomes -%}
        {%- do figures.append({
            "kpi": outcome ~ "_lift_within_" ~ name, "kind": "lift", "n": "answered_count",
            "numerator": outcome ~ "_within_" ~ name ~ "_share", "denominator": outcome ~ "_beyond_" ~ name ~ "_share",
        }) -%}
    {%- endfor -%}
{%- endfor -%}
-- How much a fast answer goes with: no experiment, as the better leads may be called first.
with handovers as (
    select * from {{ ref("fct_lead_handovers") }}
    where is_mature and not is_rejected_unasked and response_minutes is not null
),

measured as (
    {{ kpi_sums("handovers", "handed_over_date", person_segments(), sums, months_and_longer()) }}
),

shared as (
    select
        {{ kpi_cell_columns() }},
        answered_count,
        {{ shares | join(",\n        ") }}
    from measured
),

{{ kpi_figures("shared", figures) }}

select * from final
