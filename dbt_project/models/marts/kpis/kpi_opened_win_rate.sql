-- Of those opened in the period, and only of those that have had their whole time: an open one is no loss yet.
with opened as (
    select * from {{ ref("fct_opportunities") }}
    where not is_shell
),

measured as (
    {{ kpi_sums("opened", "created_date", opportunity_segments(), {
        "numerator": "case when events.is_mature and events.is_won_in_window then 1 else 0 end",
        "denominator": "case when events.is_mature then 1 else 0 end",
        "n": "1",
    }) }}
),

{{ kpi_ratio("opened_win_rate", "measured", n="n") }}

select * from final
