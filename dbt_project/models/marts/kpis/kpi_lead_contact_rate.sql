-- Reached: the person answered a call or message, or came to a meeting, before the lead's next hand-over.
-- Hand-overs younger than the days within which sql is usually reached may still get there, and are not judged.
with handovers as (
    select * from {{ ref("fct_lead_handovers") }}
    where is_mature and not is_rejected_unasked
),

measured as (
    {{ kpi_sums("handovers", "handed_over_date", dict(person_segments(), response_bucket="response_bucket"), {
        "numerator": "case when is_answered then 1 else 0 end",
        "denominator": "1",
    }) }}
),

{{ kpi_ratio("lead_contact_rate", "measured") }}

select * from final
