-- What an answer means depends on the scale that its survey declares. Favourable are the upper two of five, and as much
-- of another scale; an eNPS is asked on a scale that ends at 10, and on no other.
with answers as (
    select * from {{ ref("int_survey_answers_unioned") }}
    where answered_at <= {{ business_end() }}
),

waves as (
    select * from {{ ref("int_survey_waves_unioned") }}
),

joined as (
    select
        answers.answer_id,
        answers.wave_id,
        waves.survey_type,
        waves.team,
        waves.sent_on as sent_date,
        answers.respondent_id,
        answers.question,
        answers.answer,
        waves.scale_min,
        waves.scale_max,
        coalesce(answers.answer between waves.scale_min and waves.scale_max, false)
        and (waves.survey_type != 'enps' or (waves.scale_min in (0, 1) and waves.scale_max = 10)) as is_valid
    from answers
    inner join waves on answers.wave_id = waves.wave_id
),

meant as (
    select
        *,
        is_valid and survey_type = 'pulse' and (answer - scale_min) * 4 >= (scale_max - scale_min) * 3
            as is_favourable,
        is_valid and survey_type = 'enps' and answer >= 9 as is_promoter,
        is_valid and survey_type = 'enps' and answer <= 6 as is_detractor
    from joined
),

final as (
    select {{ contract_columns() }}
    from meant
)

select * from final
