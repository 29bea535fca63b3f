{%- set questions = {"each": "answers.question", "together": "'all questions'"} -%}
{#- Half the width of a 95 % interval of a difference of two shares of the same answers. -#}
{%- set half_width = "196 * sqrt(greatest(0, (promoter_count + detractor_count) / cast(answer_count as double) "
    ~ "- power((promoter_count - detractor_count) / cast(answer_count as double), 2)) / answer_count)" -%}
-- Of fewer answers than var `survey_least_answers` nothing is shown but how many there were: a team of four would know
-- who said what.
with answers as (
    select * from {{ ref("fct_survey_answers") }}
),

waves as (
    select * from {{ ref("int_survey_waves_unioned") }}
    where sent_on <= {{ business_date() }}
),

counted as (
    {%- for name, question in questions.items() %}
        select
            answers.wave_id,
            {{ question }} as question,
            count(distinct case when answers.is_valid then answers.respondent_id end) as respondent_count,
            count(case when answers.is_valid then 1 end) as answer_count,
            count(case when answers.is_favourable then 1 end) as favourable_count,
            count(case when answers.is_promoter then 1 end) as promoter_count,
            count(case when answers.is_detractor then 1 end) as detractor_count
        from answers
        group by answers.wave_id{{ ", answers.question" if name == "each" }}
        {%- if not loop.last %}
            union all
        {%- endif %}
    {%- endfor %}
),

described as (
    select
        waves.*,
        waves.sent_on as sent_date,
        coalesce(counted.question, 'all questions') as question,
        coalesce(counted.respondent_count, 0) as respondent_count,
        coalesce(counted.answer_count, 0) as answer_count,
        counted.favourable_count,
        counted.promoter_count,
        counted.detractor_count,
        coalesce(counted.answer_count, 0) < {{ var("survey_least_answers") }} as is_suppressed
    from waves
    left join counted on waves.wave_id = counted.wave_id
),

shown as (
    select
        *,
        {{ ratio("respondent_count", "invited_count") }} as participation_share,
        case when not is_suppressed and survey_type = 'pulse' then favourable_count end as shown_favourable_count,
        case when not is_suppressed and survey_type = 'pulse' then {{ ratio("favourable_count", "answer_count") }} end
            as favourable_share,
        case when not is_suppressed and survey_type = 'enps' then promoter_count end as shown_promoter_count,
        case when not is_suppressed and survey_type = 'enps' then detractor_count end as shown_detractor_count,
        case
            when not is_suppressed and survey_type = 'enps'
                then {{ ratio("100 * (promoter_count - detractor_count)", "answer_count") }}
        end as enps_points,
        case when not is_suppressed and survey_type = 'enps' then {{ half_width }} end as half_width_points
    from described
),

bounded as (
    select
        *,
        case when enps_points is not null then greatest(-100, enps_points - half_width_points) end as enps_low_points,
        case when enps_points is not null then least(100, enps_points + half_width_points) end as enps_high_points
    from shown
),

final as (
    select
        {{ contract_columns({
            "favourable_count": "shown_favourable_count", "promoter_count": "shown_promoter_count",
            "detractor_count": "shown_detractor_count",
        }) }}
    from bounded
)

select * from final
