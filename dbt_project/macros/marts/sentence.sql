{#- A sentence with figures in it, as SQL: `{name}` in the text is the value of the column `name` as a whole number,
    `{name%}` that of a share (0-1) in whole percent. -#}
{% macro sentence(text) -%}
    concat(
    {%- for part in text.split("{") -%}
        {%- set before = "" if loop.first else part.split("}")[0] -%}
        {%- set after = part if loop.first else part.split("}")[1] -%}
        {%- if before %}
        {{- ", " if not loop.first }}cast(cast(round(
            {{- before[:-1] ~ " * 100" if before[-1] == "%" else before -}}
        ) as {{ sql_type("integer") }}) as {{ sql_type("string") }})
        {%- endif -%}
        {{ ", " if before }}'{{ after | replace("'", "''") }}'
    {%- endfor -%}
    )
{%- endmacro %}
