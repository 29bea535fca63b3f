{{ config(schema="intermediate") }}
{%- set rates = {"mql": "sal", "sal": "sql", "sql": "opportunity"} -%}
-- Every measure by month: those of KPIs as the KPIs say, the others added up here.
with kpis as (
    {{ alignment_kpi_rows("month") }}
),

of_kpis as (
    select
        measures.measure,
        kpis.period_start as month_start,
        kpis.value,
        kpis.numerator,
        kpis.denominator,
        kpis.n
    from kpis
    inner join {{ ref("alignment_measures") }} as measures
        on
            kpis.kpi_model = measures.kpi_model
            and kpis.kpi = measures.kpi
            and kpis.value_kind = measures.value_kind
),

of_cohorts as (
    {%- for start, end in rates.items() %}
        select
            '{{ start }}_to_{{ end }}_rate' as measure,
            cohort_month as month_start,
            window_conversion_share as value,
            case when is_mature then converted_in_window_count end as numerator,
            case when is_mature then entered_count end as denominator,
            entered_count as n
        from {{ ref("fct_funnel_cohort") }}
        where from_stage = '{{ start }}' and to_stage = '{{ end }}' and segment_type = 'overall'
        {%- if not loop.last %}
            union all
        {%- endif %}
    {%- endfor %}
),

of_entries as (
    select
        'mql_count' as measure,
        period_start as month_start,
        entry_count as value,
        entry_count as numerator,
        null as denominator,
        entry_count as n
    from {{ ref("fct_funnel_period") }}
    where period_grain = 'month' and segment_type = 'overall' and stage = 'mql'
),

won as (
    select
        cast(date_trunc('month', close_date) as date) as month_start,
        count(*) as won_count,
        sum(amount_reporting) as amount,
    {%- for party in ["marketing", "sales", "both"] %}
        sum(case when attributed_to = '{{ party }}' then amount_reporting else 0 end) as {{ party }}_amount
        {{- "," if not loop.last }}
    {%- endfor %}
    from {{ ref("mart_opportunity_sources") }}
    where opportunity_status = 'won'
    group by cast(date_trunc('month', close_date) as date)
),

of_revenue as (
    select
        'revenue_won' as measure,
        month_start,
        cast(amount as double) as value,
        amount as numerator,
        null as denominator,
        won_count as n
    from won
    union all
    select
        'revenue_growth_on_year' as measure,
        won.month_start,
        {{ ratio("won.amount - earlier.amount", "earlier.amount") }} as value,
        won.amount - earlier.amount as numerator,
        earlier.amount as denominator,
        won.won_count as n
    from won
    inner join won as earlier on won.month_start = {{ dbt.dateadd("year", 1, "earlier.month_start") }}
    {%- for party in ["marketing", "sales", "both"] %}
        union all
        select
            'revenue_by_{{ party }}_share' as measure,
            month_start,
            {{ ratio(party ~ "_amount", "amount") }} as value,
            {{ party }}_amount as numerator,
            amount as denominator,
            won_count as n
        from won
    {%- endfor %}
),

of_definitions as (
    select
        'definition_changes' as measure,
        cast(date_trunc('month', seen_date) as date) as month_start,
        count(case when not is_first then 1 end) as value,
        count(case when not is_first then 1 end) as numerator,
        null as denominator,
        count(*) as n
    from {{ ref("fct_definition_changes") }}
    group by cast(date_trunc('month', seen_date) as date)
),

figures as (
    select * from of_kpis
    union all
    select * from of_cohorts
    union all
    select * from of_entries
    union all
    select * from of_revenue
    union all
    select * from of_definitions
)

select
    measure,
    month_start,
    cast(value as double) as value,
    cast(numerator as double) as numerator,
    cast(denominator as double) as denominator,
    cast(n as bigint) as n
from figures
where month_start <= {{ business_date() }}
