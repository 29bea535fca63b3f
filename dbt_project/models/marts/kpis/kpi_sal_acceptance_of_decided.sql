-- An acceptance that is only inferred was not decided by anybody and is in neither number.
with handovers as (
    select * from {{ ref("fct_lead_handovers") }}
),

measured as (
    {{ kpi_sums("handovers", "handed_over_date", person_segments(), {
        "numerator": "case when decision = 'accepted' then 1 else 0 end",
        "denominator": "case when decision in ('accepted', 'rejected') then 1 else 0 end",
    }) }}
),

{{ kpi_ratio("sal_acceptance_of_decided", "measured") }}

select * from final
