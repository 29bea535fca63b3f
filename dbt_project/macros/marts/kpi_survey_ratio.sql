{#- CTEs that end with `final`: the rows of a survey's ratio, from `measured` with the cell columns, the numerator's
    column and `answer_count`. Cells of fewer answers than var `survey_least_answers` keep their number only. -#}
{% macro kpi_survey_ratio(kpi, numerator) -%}
suppressed as (
    select
        {{ kpi_cell_columns() }},
        case when answer_count >= {{ var("survey_least_answers") }} then {{ numerator }} end as numerator,
        case when answer_count >= {{ var("survey_least_answers") }} then answer_count end as denominator,
        answer_count as n
    from measured
),

{{ kpi_ratio(kpi, "suppressed", n="n") }}
{%- endmacro %}
