{#- A statement that forgets what the night being built wrote to a history table before, so that it can be run again;
    nothing once a later night is there.
    nights, night_column: where every night writes a row, for a table that not every night adds to. -#}
{% macro discard_open_night(relation, date_column, nights=none, night_column=none) -%}
    {%- if execute and load_relation(relation) is not none -%}
    delete from {{ relation }}
    where
        {{ date_column }} = {{ business_date() }}
        and not exists (
            select 1 from {{ nights or relation }} as later
            where later.{{ night_column or date_column }} > {{ business_date() }}
        )
    {%- endif -%}
{%- endmacro %}


{#- The last day of the last closed month (var `closed_through`), as a date; null while none is closed. -#}
{% macro closed_through() -%}
    cast({{ "'" ~ var("closed_through") ~ "'" if var("closed_through") else "null" }} as date)
{%- endmacro %}


{#- Whether the month that begins at `month_start` had ended by the end of `day`. -#}
{% macro is_month_over(month_start, day) -%}
    {{ month_start }} < date_trunc('month', {{ add_days(day, 1) }})
{%- endmacro %}
