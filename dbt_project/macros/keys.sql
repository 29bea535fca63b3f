{#-
    A surrogate key over a list of columns or expressions: the md5 of their texts.

    Each text is written with its length before it and null as `-`, so that no two different
    lists of values give the same key ('a','bc' and 'ab','c'; null and '').
-#}
{% macro generate_surrogate_key(fields) -%}
    md5(concat(
    {%- for field in fields %}
        {%- set text = "cast(" ~ field ~ " as " ~ sql_type("string") ~ ")" %}
        coalesce(concat(cast(length({{ text }}) as {{ sql_type("string") }}), ':', nullif({{ text }}, '')),
            case when {{ field }} is null then '-' else '0:' end){{ "," if not loop.last }}
    {%- endfor %}
    ))
{%- endmacro %}
