{#-
    A KPI of the sales cycle, whole: calendar days from `begin_date` (`first_contact_date` or `created_date`) to the close
    of opportunities with one of the `outcomes`. Mean, median and p90 are of those closed in the period; the survival
    median is of those that began in it, the open ones with the days they have been so, those with another outcome with
    the days until then. Dates have no time, so days are the organisation's calendar days.
-#}
{% macro kpi_cycle(kpi, begin_date, outcomes) -%}
{%- set days = {
    "first_contact_date": "days_from_first_contact_to_close", "created_date": "days_from_creation_to_close"
}[begin_date] -%}
{%- set is_outcome = "opportunity_status in ('" ~ outcomes | join("', '") ~ "')" -%}
with opportunities as (
    select * from {{ ref("fct_opportunities") }}
),

ended as (
    select
        *,
        {{ days }} as days
    from opportunities
    where {{ is_outcome }} and {{ days }} is not null
),

still_open as (
    select * from opportunities
    where opportunity_status = 'open'
),

lasting as (
    select
        *,
        coalesce({{ days }}, {{ calendar_days_between(begin_date, business_date()) }}) as days,
        case when {{ is_outcome }} then 1 else 0 end as is_ended
    from opportunities
    where {{ begin_date }} is not null
),

spells as (
    select * from lasting
    where days >= 0
),

{{ kpi_survival("spells", begin_date, opportunity_segments()) }},

{{ kpi_durations(kpi, "ended", "close_date", opportunity_segments(), "still_open", "created_date", "survived") }}

select * from final
{%- endmacro %}
