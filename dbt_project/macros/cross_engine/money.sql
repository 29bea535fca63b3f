{#- An exact amount times an exchange rate, without losing digits on the way. -#}
{% macro amount_at_rate(amount, rate) -%}
    (cast({{ amount }} as decimal(19, 4)) * cast({{ rate }} as decimal(18, 8)))
{%- endmacro %}


{#- An amount rounded, half away from zero, to a currency's number of minor digits (0 to 4). -#}
{% macro rounded_to_minor_unit(amount, digits) -%}
    case {{ digits }}
        {%- for count in [0, 1, 2, 3] %}
        when {{ count }} then cast(round({{ amount }}, {{ count }}) as {{ sql_type("decimal") }})
        {%- endfor %}
        else cast(round({{ amount }}, 4) as {{ sql_type("decimal") }})
    end
{%- endmacro %}


{#- So many percent of an amount, rounded half away from zero to four digits. Exact: a decimal divided by 100 would be a
    double, and halves would fall either way. -#}
{% macro percent_of_amount(percent, amount) -%}
    cast(round({{ amount }} * cast({{ percent }} as decimal(7, 4)) * cast(0.01 as decimal(3, 2)), 4)
        as {{ sql_type("decimal") }})
{%- endmacro %}
