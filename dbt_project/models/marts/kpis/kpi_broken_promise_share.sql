with cases as (
    select * from {{ ref("fct_cases") }}
),

measured as (
    {{ kpi_sums("cases", "opened_date", dict(customer_segments(), owner="account_owner_id",
        account_segment="account_segment"), {
        "numerator": "case when events.is_broken_promise then 1 else 0 end",
        "denominator": "1",
    }) }}
),

{{ kpi_ratio("broken_promise_share", "measured") }}

select * from final
