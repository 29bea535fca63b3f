with waves as (
    select * from {{ ref("mart_survey_results") }}
    where question = 'all questions'
),

measured as (
    {{ kpi_sums("waves", "sent_date", {"team": "team", "survey_type": "survey_type"}, {
        "numerator": "events.respondent_count",
        "denominator": "events.invited_count",
    }) }}
),

{{ kpi_ratio("survey_participation", "measured") }}

select * from final
