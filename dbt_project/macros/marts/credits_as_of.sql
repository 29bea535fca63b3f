{#-
    A query: the credits as they stood after a past run, exactly as that night published them.

    Give `run_number` (see `mart_attribution_runs`) or `business_date` ('YYYY-MM-DD': the last run for that day or
    an earlier one; replays of old days never wrote to the ledger and do not count). Example:
    `select * from ({{ credits_as_of(business_date='2026-06-30') }}) as credits`.
-#}
{% macro credits_as_of(run_number=none, business_date=none) -%}
    {%- if (run_number is none) == (business_date is none) -%}
        {{ exceptions.raise_compiler_error("credits_as_of: give either run_number or business_date") }}
    {%- endif -%}
    {%- set run -%}
        {%- if run_number is not none -%}
        {{ run_number | int }}
        {%- else -%}
        (
            select max(run_number)
            from {{ source("attribution", "runs") }}
            where not is_replay and business_date <= date '{{ business_date }}'
        )
        {%- endif -%}
    {%- endset -%}
    select *
    from {{ source("attribution", "credits") }}
    where valid_from_run <= {{ run }} and (valid_to_run is null or valid_to_run > {{ run }})
{%- endmacro %}
