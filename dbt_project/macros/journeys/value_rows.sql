{#- A small table written out: a select of one row per list of SQL literals, its columns named by `names`. -#}
{% macro value_rows(names, rows) -%}
    {%- for row in rows %}
    select
        {%- for name in names %}
        {{ row[loop.index0] }} as {{ name }}{{ "," if not loop.last }}
        {%- endfor %}
        {{- "\n    union all" if not loop.last }}
    {%- endfor %}
{%- endmacro %}
