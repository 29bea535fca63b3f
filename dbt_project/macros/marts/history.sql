{#- A statement that forgets what the night being built wrote to a history table before, so that it can be run again;
    nothing once a later night is there. -#}
{% macro discard_open_night(relation, date_column) -%}
    {%- if execute and load_relation(relation) is not none -%}
    delete from {{ relation }}
    where
        {{ date_column }} = {{ business_date() }}
        and not exists (
            select 1 from {{ relation }} as later
            where later.{{ date_column }} > {{ business_date() }}
        )
    {%- endif -%}
{%- endmacro %}
