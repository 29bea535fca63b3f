{#- The answers of all evaluations up to the business date to one question: a table of source attribution, each row with
    its evaluation's date and whether it is the newest answer for its model and conversion type. -#}
{% macro evaluation_answers(table) -%}
with evaluations as (
    select
        evaluation_number,
        business_date
    from {{ source("attribution", "evaluations") }}
    where business_date <= {{ business_date() }}
),

answers as (
    select
        answers.*,
        evaluations.business_date,
        answers.evaluation_number = max(answers.evaluation_number) over (
            partition by answers.model_name, answers.conversion_type
        ) as is_newest
    from {{ source("attribution", table) }} as answers
    inner join evaluations on answers.evaluation_number = evaluations.evaluation_number
),

final as (
    select {{ contract_columns() }}
    from answers
)

select * from final
{%- endmacro %}
