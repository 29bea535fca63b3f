-- Beside the acceptance of the decided, so that never deciding does not look like accepting everything. A hand-over
-- whose decision was skipped in the CRM was delivered all the same.
with handovers as (
    select * from {{ ref("fct_lead_handovers") }}
),

measured as (
    {{ kpi_sums("handovers", "handed_over_date", person_segments(), {
        "numerator": "case when decision = 'accepted' then 1 else 0 end",
        "denominator": "1",
    }) }}
),

{{ kpi_ratio("sal_acceptance_of_delivered", "measured") }}

select * from final
