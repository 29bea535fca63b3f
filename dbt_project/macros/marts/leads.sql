{#- The limits of var `service_level_hours`, each checked to be a number. -#}
{% macro service_level_hours() -%}
    {%- for hours in var("service_level_hours") if hours is not number -%}
        {{ exceptions.raise_compiler_error("var service_level_hours holds '" ~ hours ~ "'; it is a list of hours") }}
    {%- endfor -%}
    {{ return(var("service_level_hours")) }}
{%- endmacro %}


{#- Whether service levels count the hours of dim_business_hours only (var `service_level_basis`). -#}
{% macro counts_business_hours() -%}
    {%- set known = ["calendar", "business"] -%}
    {%- if var("service_level_basis") not in known -%}
        {{ exceptions.raise_compiler_error(
            "var service_level_basis is '" ~ var("service_level_basis") ~ "'; known: " ~ known | join(", ")
        ) }}
    {%- endif -%}
    {{ return(var("service_level_basis") == "business") }}
{%- endmacro %}


{#-
    Business minutes from the calendar's first day to an instant; a row of dim_business_hours of the instant's local
    day is joined as `hours`. Before and after that day's hours the clock stands still.
-#}
{% macro business_minutes_at(instant, hours) -%}
    ({{ hours }}.business_minutes_before + greatest(
        0, least({{ hours }}.business_minutes, coalesce({{ minutes_between(hours ~ ".opens_at", instant) }}, 0))
    ))
{%- endmacro %}


{#- The limits of var `response_limit_minutes` by the words that name them: {"5_minutes": 5, "1_hour": 60}. -#}
{% macro response_limits() -%}
    {%- set limits = {} -%}
    {%- for minutes in var("response_limit_minutes") | sort -%}
        {%- set hours = minutes // 60 -%}
        {%- if minutes % 60 or not hours -%}
            {%- do limits.update({minutes ~ "_minutes": minutes}) -%}
        {%- else -%}
            {%- do limits.update({hours ~ ("_hour" if hours == 1 else "_hours"): minutes}) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(limits) }}
{%- endmacro %}


{#- How fast a lead was answered, as the smallest limit it was answered within; `later`, or `never`. -#}
{% macro response_bucket(minutes) -%}
    case
            when {{ minutes }} is null then 'never'
            {%- for name, limit in response_limits().items() %}
            when {{ minutes }} <= {{ limit }} then 'within_{{ name }}'
            {%- endfor %}
            else 'later'
        end
{%- endmacro %}
