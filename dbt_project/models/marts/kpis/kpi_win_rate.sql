with closed as (
    select * from {{ ref("fct_opportunities") }}
    where opportunity_status in ('won', 'lost') and not is_shell
),

measured as (
    {{ kpi_sums("closed", "close_date", opportunity_segments(), {
        "numerator": "case when events.opportunity_status = 'won' then 1 else 0 end", "denominator": "1",
    }) }}
),

{{ kpi_ratio("win_rate", "measured") }}

select * from final
