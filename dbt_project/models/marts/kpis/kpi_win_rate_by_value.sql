with closed as (
    select
        *,
        coalesce(amount_reporting, 0) as value_amount
    from {{ ref("fct_opportunities") }}
    where opportunity_status in ('won', 'lost') and not is_shell
),

measured as (
    {{ kpi_sums("closed", "close_date", opportunity_segments(), {
        "numerator": "case when events.opportunity_status = 'won' then events.value_amount else 0 end",
        "denominator": "events.value_amount",
        "n": "1",
    }) }}
),

{{ kpi_ratio("win_rate_by_value", "measured", n="n") }}

select * from final
