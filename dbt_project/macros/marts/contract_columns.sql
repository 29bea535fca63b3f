{#- The columns of a mart in the order and with the types its contract declares, so that a type has one home.
    renamed: {column: the column it comes from} where that has another name.
    While dbt parses, contracts are not read yet: every column then. -#}
{% macro contract_columns(renamed={}) -%}
    {%- if execute and model.columns -%}
        {%- for column in model.columns.values() %}
        cast({{ renamed.get(column.name, column.name) }} as {{ column.data_type }}) as {{ column.name }}
        {{- ',' if not loop.last }}
        {%- endfor -%}
    {%- else %} *{% endif -%}
{%- endmacro %}
