with answers as (
    select * from {{ ref("fct_survey_answers") }}
    where survey_type = 'pulse' and is_valid
),

measured as (
    {{ kpi_sums("answers", "sent_date", {"team": "team", "question": "question"}, {
        "favourable_count": "case when events.is_favourable then 1 else 0 end",
        "answer_count": "1",
    }) }}
),

{{ kpi_survey_ratio("pulse_favourable_share", "favourable_count") }}

select * from final
