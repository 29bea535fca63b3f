{#- The KPI models that the alignment scorecard and the benchmarks read. -#}
{% macro alignment_kpis() -%}
    {{ return([
        "kpi_broken_promise_share", "kpi_complaint_share", "kpi_customer_acquisition", "kpi_customer_satisfaction",
        "kpi_days_to_win", "kpi_dead_lead_re_engagement_rate", "kpi_enps", "kpi_lead_response_lift",
        "kpi_lead_response_shares", "kpi_lead_response_time", "kpi_lead_to_opportunity_rate", "kpi_marketing_pipeline",
        "kpi_mql_to_won_rate",
        "kpi_pulse_favourable_share", "kpi_sal_acceptance_of_decided", "kpi_sal_acceptance_of_delivered",
        "kpi_sal_contact_service_level", "kpi_sal_decision_service_level", "kpi_stagnant_mqls",
        "kpi_survey_participation", "kpi_win_rate", "kpi_win_rate_by_value",
    ]) }}
{%- endmacro %}


{#- A query: the rows of all those for everybody together, by the grain given, with `kpi_model`. -#}
{% macro alignment_kpi_rows(grain) -%}
    {%- for model in alignment_kpis() %}
        select
            '{{ model }}' as kpi_model,
            kpi,
            value_kind,
            period_start,
            value,
            numerator,
            denominator,
            n
        from {{ ref(model) }}
        where period_grain = '{{ grain }}' and segment_type = 'overall'
        {%- if not loop.last %}
        union all
        {%- endif %}
    {%- endfor %}
{%- endmacro %}
