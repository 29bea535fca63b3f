{#-
    CTEs that end with `final`: the rows of a KPI file that holds several ratios of one kind, as a service level at
    each of its limits.

    ratios: {kpi: {numerator, denominator, n}}, each a column of `measured`, which has the cell columns too; n is the
    denominator where it is not given.
-#}
{% macro kpi_ratios(ratios, measured) -%}
rated as (
    {%- for kpi, parts in ratios.items() %}
    select
        '{{ kpi }}' as kpi,
        {{ kpi_cell_columns() }},
        {{ ratio(parts.numerator, parts.denominator) }} as value,
        'ratio' as value_kind,
        {{ parts.numerator }} as numerator,
        {{ parts.denominator }} as denominator,
        {{ parts.n or parts.denominator }} as n
    from {{ measured }}
    {{ "union all" if not loop.last }}
    {%- endfor %}
),

final as (
    select {{ contract_columns() }}
    from rated
)
{%- endmacro %}


{#-
    A KPI of a service level, whole: the share of the clocks that were stopped in time, for each limit of var
    `service_level_hours`. A clock that still runs, or ended without what it waited for, counts as a breach once it is
    past its limit, and not at all before.

    subject: the name's beginning, as `sal_decision`; stopped: condition that what the clock waited for came; hours: the
    column of fct_lead_handovers that holds how long the clock ran.
-#}
{% macro kpi_service_level(subject, stopped, hours) -%}
{%- set sums, ratios = {}, {} -%}
{%- for limit in service_level_hours() -%}
    {%- do sums.update({
        "met_" ~ limit: "case when " ~ stopped ~ " and " ~ hours ~ " <= " ~ limit ~ " then 1 else 0 end",
        "due_" ~ limit: "case when " ~ stopped ~ " or " ~ hours ~ " > " ~ limit ~ " then 1 else 0 end",
    }) -%}
    {%- do ratios.update({
        subject ~ "_within_" ~ limit ~ "_hours": {"numerator": "met_" ~ limit, "denominator": "due_" ~ limit}
    }) -%}
{%- endfor -%}
with handovers as (
    select * from {{ ref("fct_lead_handovers") }}
),

measured as (
    {{ kpi_sums("handovers", "handed_over_date", person_segments(), sums) }}
),

{{ kpi_ratios(ratios, "measured") }}

select * from final
{%- endmacro %}
