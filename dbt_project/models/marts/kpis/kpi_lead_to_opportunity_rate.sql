-- Only leads that have had their whole time are judged, and only by what they did within it.
with leads as (
    select * from {{ ref("fct_leads") }}
),

measured as (
    {{ kpi_sums("leads", "lead_date", dict(person_segments(), handover_path="handover_path"), {
        "numerator": "case when is_mature and is_opportunity_in_window then 1 else 0 end",
        "denominator": "case when is_mature then 1 else 0 end",
        "n": "1",
    }) }}
),

{{ kpi_ratio("lead_to_opportunity_rate", "measured", n="n") }}

select * from final
