with leads as (
    select * from {{ ref("fct_funnel_progress") }}
    where from_stage = 'mql' and to_stage = 'won'
),

-- Only MQLs that have had their whole time are judged, and only by what they did within it: old and young ones have
-- the same chance then.
measured as (
    {{ kpi_sums("leads", "entered_date", person_segments(), {
        "numerator": "case when events.is_mature and events.is_converted_in_window then 1 else 0 end",
        "denominator": "case when events.is_mature then 1 else 0 end",
        "n": "1",
    }) }}
),

{{ kpi_ratio("mql_to_won_rate", "measured", n="n") }}

select * from final
