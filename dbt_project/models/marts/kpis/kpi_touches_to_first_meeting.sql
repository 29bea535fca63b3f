{%- set milestones = {"booked": "touches_to_booked", "held": "touches_to_held"} -%}
-- By the day of an account's first touch. Accounts without a meeting yet are in no median; their share is beside it.
with accounts as (
    select * from {{ ref("fct_first_meetings") }}
),

cells as (
    {{ kpi_cells(
        "accounts",
        "first_touched_date",
        dict(customer_segments(), account_segment="account_segment", first_channel="first_channel"),
        milestones.values() | list,
        ["month", "quarter", "fiscal_quarter", "fiscal_year", "trailing_12_months", "all_time"]
    ) }}
),

measured as (
    select
        {{ kpi_cell_columns() }},
        {%- for milestone, touches in milestones.items() %}
            count({{ touches }}) as {{ milestone }}_count,
            count(*) - count({{ touches }}) as {{ milestone }}_open_count,
            sum({{ touches }}) as {{ milestone }}_total,
            {{ percentile_of(touches, 0.5) }} as {{ milestone }}_median,
            {{ percentile_of(touches, 0.9) }} as {{ milestone }}_p90,
        {%- endfor %}
        count(*) as account_count
    from cells
    group by {{ kpi_cell_columns() }}
),

valued as (
    {%- for milestone in milestones %}
        {%- for kind in ["mean", "median", "p90"] %}
            select
                'touches_to_first_meeting_{{ milestone }}' as kpi,
                {{ kpi_cell_columns() }},
                {{ ratio(milestone ~ "_total", milestone ~ "_count") if kind == "mean" else milestone ~ "_" ~ kind }}
                    as value,
                '{{ kind }}' as value_kind,
                {{ milestone ~ "_total" if kind == "mean" else "null" }} as numerator,
                {{ milestone ~ "_count" if kind == "mean" else "null" }} as denominator,
                {{ milestone }}_count as n
            from measured
            union all
        {%- endfor %}
        select
            'without_first_meeting_{{ milestone }}' as kpi,
            {{ kpi_cell_columns() }},
            {{ ratio(milestone ~ "_open_count", "account_count") }} as value,
            'ratio' as value_kind,
            {{ milestone }}_open_count as numerator,
            account_count as denominator,
            account_count as n
        from measured
        {%- if not loop.last %}
            union all
        {%- endif %}
    {%- endfor %}
),

final as (
    select {{ contract_columns() }}
    from valued
)

select * from final
