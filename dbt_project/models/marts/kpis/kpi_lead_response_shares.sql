{%- set sums = {
    "unanswered": "case when response_minutes is null and waited_minutes > " ~ response_limits().values() | max
        ~ " then 1 else 0 end",
} -%}
{%- set ratios = {} -%}
{%- for name, limit in response_limits().items() -%}
    {%- do sums.update({
        "within_" ~ name: "case when response_minutes <= " ~ limit ~ " then 1 else 0 end",
        "due_" ~ name: "case when response_minutes is not null or waited_minutes > " ~ limit ~ " then 1 else 0 end",
    }) -%}
    {%- do ratios.update({
        "lead_response_within_" ~ name: {"numerator": "within_" ~ name, "denominator": "due_" ~ name}
    }) -%}
    {%- if loop.last -%}
        {%- do ratios.update({"lead_response_never": {"numerator": "unanswered", "denominator": "due_" ~ name}}) -%}
    {%- endif -%}
{%- endfor -%}
-- A lead that nobody answered counts in every share once its time is over. What sales rejected before it called asked
-- for no answer: its reason is in mart_sal_rejection_reasons.
with handovers as (
    select * from {{ ref("fct_lead_handovers") }}
    where not is_rejected_unasked
),

measured as (
    {{ kpi_sums("handovers", "handed_over_date", person_segments(), sums) }}
),

{{ kpi_ratios(ratios, "measured") }}

select * from final
