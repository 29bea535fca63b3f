{#- The last instant of the night being built: a run knows nothing after it. -#}
{% macro business_end() -%} {{ end_of_day(business_date()) }} {%- endmacro %}


{#- The lookback of a conversion type in days, from var `lookback_days`. -#}
{% macro lookback_days(conversion_type) -%}
    {%- set lookback = var("lookback_days") -%}
    {%- if conversion_type not in lookback -%}
        {{ exceptions.raise_compiler_error(
            "var lookback_days has no '" ~ conversion_type ~ "'; it has: " ~ lookback.keys() | sort | join(", ")
        ) }}
    {%- endif -%}
    {{ return(lookback[conversion_type]) }}
{%- endmacro %}
