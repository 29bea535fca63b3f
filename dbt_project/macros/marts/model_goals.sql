{#- The questions that a model answers, from var `model_goals` ({goal: model}): a comma list, null for none. -#}
{% macro model_goals(model_name) -%}
    {%- set goals = {} -%}
    {%- for goal, name in (var('model_goals') or {}).items() -%}
        {%- do goals.setdefault(name, []).append(goal) -%}
    {%- endfor -%}
    {%- if goals -%}
    case {{ model_name }}
        {%- for name, questions in goals.items() %}
        when '{{ name }}' then '{{ questions | join(", ") }}'
        {%- endfor %}
    end
    {%- else -%}
    cast(null as {{ dbt.type_string() }})
    {%- endif -%}
{%- endmacro %}
