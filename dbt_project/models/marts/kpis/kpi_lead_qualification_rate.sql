-- Qualified: the cycle went on to sql, or to what can only follow it.
-- Hand-overs younger than the days within which sql is usually reached may still get there, and are not judged.
with handovers as (
    select * from {{ ref("fct_lead_handovers") }}
    where is_mature and not is_rejected_unasked
),

measured as (
    {{ kpi_sums("handovers", "handed_over_date", dict(person_segments(), response_bucket="response_bucket"), {
        "numerator": "case when is_qualified then 1 else 0 end",
        "denominator": "1",
    }) }}
),

{{ kpi_ratio("lead_qualification_rate", "measured") }}

select * from final
