-- A forecast counts in the periods that hold all of its own: one of a month in its month, quarter and year. A manager's
-- for the team is in segment `manager_rollup` only.
with forecasts as (
    select * from {{ ref("fct_forecasts") }}
    where is_period_complete and forecast_amount_reporting is not null
),

cells as (
    {{ kpi_cells(
        "forecasts",
        "period_start_date",
        plan_segments(),
        ["owner_id", "is_rollup", "lead_time", "period_start_date", "period_end_date", "forecast_amount_reporting", "actual_amount_reporting",
            "absolute_error_amount_reporting"],
        months_and_longer()
    ) }}
),

counting as (
    {{ plans_that_count("cells", ["lead_time"]) }}
),

measured as (
    select
        {{ kpi_cell_columns() }},
        lead_time,
        sum(actual_amount_reporting) as actual_amount,
        sum(actual_amount_reporting) - sum(absolute_error_amount_reporting) as hit_amount,
        sum(forecast_amount_reporting) - sum(actual_amount_reporting) as bias_amount,
        count(*) as forecast_count
    from counting
    group by {{ kpi_cell_columns() }}, lead_time
),

{%- set figures = [] -%}
{%- for lead_time in ["start", "middle", "end"] -%}
    {%- for kpi, numerator in {"forecast_accuracy": "hit_amount", "forecast_bias": "bias_amount"}.items() -%}
        {%- do figures.append({
            "kpi": kpi ~ "_at_" ~ lead_time, "only": "lead_time = '" ~ lead_time ~ "'",
            "numerator": numerator, "denominator": "actual_amount", "n": "forecast_count",
        }) -%}
    {%- endfor -%}
{%- endfor %}

{{ kpi_figures("measured", figures) }}

select * from final
