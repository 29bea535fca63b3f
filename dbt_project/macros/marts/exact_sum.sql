{#- The sum of a double that does not depend on the order of its rows: shares and days are added as decimals of
    fifteen places, so that two builds of the same rows give the same bits. -#}
{% macro exact_sum(expression) -%}
    cast(sum(cast({{ expression }} as decimal(28, 15))) as double)
{%- endmacro %}
