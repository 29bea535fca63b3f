{#- Var `journey_grain`: whose touches enter a journey to an opportunity or a win; stops at an unknown one. -#}
{% macro journey_grain() -%}
    {%- set known = ["account", "contact_roles", "person"] -%}
    {%- if var("journey_grain") not in known -%}
        {{ exceptions.raise_compiler_error(
            "var journey_grain is '" ~ var("journey_grain") ~ "'; known: " ~ known | join(", ")
        ) }}
    {%- endif -%}
    {{ return(var("journey_grain")) }}
{%- endmacro %}
