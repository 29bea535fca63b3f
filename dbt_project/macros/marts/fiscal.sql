{#- The fiscal calendar begins with the month of var `fiscal_year_start_month` (1-12); 1 makes it the calendar year. -#}

{#- The first day of the fiscal quarter or year (`part`) that holds a day. -#}
{% macro fiscal_start(part, day) -%}
    {%- set shifted = dbt.dateadd("month", -fiscal_shift(), day) -%}
    cast({{ dbt.dateadd("month", fiscal_shift(), "date_trunc('" ~ part ~ "', " ~ shifted ~ ")") }} as date)
{%- endmacro %}

{#- Months that the fiscal year begins after the calendar year. -#}
{% macro fiscal_shift() -%}
    {%- set month = var("fiscal_year_start_month") -%}
    {%- if month not in range(1, 13) -%}
        {{ exceptions.raise_compiler_error(
            "var fiscal_year_start_month is " ~ month ~ "; it is the number of a month, 1 to 12"
        ) }}
    {%- endif -%}
    {{ return(month - 1) }}
{%- endmacro %}
