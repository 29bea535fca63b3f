{#- numerator / denominator as a double; null where the denominator is null, zero or negative. -#}
{% macro ratio(numerator, denominator) -%}
    case when {{ denominator }} > 0 then cast({{ numerator }} as double) / cast({{ denominator }} as double) end
{%- endmacro %}
