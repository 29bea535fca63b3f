-- Worked by sales is who sales accepted. As for other rates of people, only those that have had their whole time count.
with worked as (
    select * from {{ ref("fct_funnel_progress") }}
    where from_stage = 'sal' and to_stage = 'won'
),

measured as (
    {{ kpi_sums("worked", "entered_date", person_segments(), {
        "numerator": "case when events.is_mature and events.is_converted_in_window then 1 else 0 end",
        "denominator": "case when events.is_mature then 1 else 0 end",
        "n": "1",
    }) }}
),

{{ kpi_ratio("worked_to_won_rate", "measured", n="n") }}

select * from final
