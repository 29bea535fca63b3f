with dead as (
    select * from {{ ref("fct_dead_leads") }}
),

measured as (
    {{ kpi_sums("dead", "dead_date", dict(person_segments(), cause="cause"), {
        "numerator": "case when is_re_engaged then 1 else 0 end",
        "denominator": "1",
    }) }}
),

{{ kpi_ratio("dead_lead_re_engagement_rate", "measured") }}

select * from final
