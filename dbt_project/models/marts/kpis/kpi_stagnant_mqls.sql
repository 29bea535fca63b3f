with handovers as (
    select * from {{ ref("fct_lead_handovers") }}
),

measured as (
    {{ kpi_sums("handovers", "handed_over_date", person_segments(), {
        "numerator": "case when is_stagnant then 1 else 0 end",
        "denominator": "1",
    }) }}
),

{{ kpi_ratio("stagnant_mqls", "measured") }}

select * from final
