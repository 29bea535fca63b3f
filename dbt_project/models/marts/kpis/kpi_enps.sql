-- In points, from -100 to 100: those who would recommend less those who would not, of all who answered. The passive
-- stand in the denominator only.
with answers as (
    select * from {{ ref("fct_survey_answers") }}
    where survey_type = 'enps' and is_valid
),

measured as (
    {{ kpi_sums("answers", "sent_date", {"team": "team"}, {
        "points": "case when events.is_promoter then 100 when events.is_detractor then -100 else 0 end",
        "answer_count": "1",
    }) }}
),

{{ kpi_survey_ratio("enps", "points") }}

select * from final
