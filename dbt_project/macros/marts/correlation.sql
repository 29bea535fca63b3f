{#- The month of a date as a whole number: months since the year 0. -#}
{% macro month_number(day) -%}
    cast(extract(year from {{ day }}) * 12 + extract(month from {{ day }}) as integer)
{%- endmacro %}


{#- The hyperbolic tangent, which brings a transformed correlation back to -1 to 1. -#}
{% macro tanh(value) -%}
    ((exp(2 * ({{ value }})) - 1) / (exp(2 * ({{ value }})) + 1))
{%- endmacro %}
