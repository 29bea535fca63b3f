-- Of the customers who answered when their case was closed: four and five of five are satisfied.
with answered as (
    select * from {{ ref("fct_cases") }}
    where satisfaction_score is not null and closed_date is not null
),

measured as (
    {{ kpi_sums("answered", "closed_date", dict(customer_segments(), owner="account_owner_id",
        account_segment="account_segment"), {
        "numerator": "case when events.satisfaction_score >= 4 then 1 else 0 end",
        "denominator": "1",
    }) }}
),

{{ kpi_ratio("customer_satisfaction", "measured") }}

select * from final
