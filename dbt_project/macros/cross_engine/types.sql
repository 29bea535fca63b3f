{#- The engine's name of a type that contracts and canonical shapes use. -#}
{% macro sql_type(name) -%}
    {{ return(adapter.dispatch("sql_type")(name)) }}
{%- endmacro %}

{% macro default__sql_type(name) -%}
    {{ return({
        "string": "varchar",
        "integer": "bigint",
        "double": "double",
        "decimal": "decimal(18, 4)",
        "rate": "decimal(18, 8)",
        "boolean": "boolean",
        "date": "date",
        "timestamp": "timestamp",
    }[name]) }}
{%- endmacro %}

{% macro spark__sql_type(name) -%}
    {{ return("string" if name == "string" else default__sql_type(name)) }}
{%- endmacro %}


{#- `expression` as a type of `sql_type`, or null where it cannot be read as one. -#}
{% macro try_cast(expression, type) -%}
    try_cast({{ expression }} as {{ sql_type(type) }})
{%- endmacro %}


{#- The quotient of two whole numbers, cut towards zero, as a whole number. -#}
{% macro whole_quotient(numerator, denominator) -%}
    {{ return(adapter.dispatch("whole_quotient")(numerator, denominator)) }}
{%- endmacro %}

{% macro default__whole_quotient(numerator, denominator) -%}
    (({{ numerator }}) // ({{ denominator }}))
{%- endmacro %}

{% macro spark__whole_quotient(numerator, denominator) -%}
    (({{ numerator }}) div ({{ denominator }}))
{%- endmacro %}
