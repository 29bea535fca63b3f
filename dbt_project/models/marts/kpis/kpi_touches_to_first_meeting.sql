{%- set milestones = {"booked": "touches_to_booked", "held": "touches_to_held"} -%}
-- By the day of an account's first touch. Accounts without a meeting yet are in no median; their share is beside it.
with accounts as (
    select * from {{ ref("fct_first_meetings") }}
),

{%- for milestone, touches in milestones.items() %}

    {{ milestone }} as (
    {{ kpi_percentiles_of_many(
        "accounts",
        "first_touched_date",
        dict(customer_segments(), account_segment="account_segment", first_channel="first_channel"),
        "events." ~ touches,
        months_and_longer()
    ) }}
    ),
{% endfor %}
valued as (
    {%- for milestone in milestones %}
        {%- for kind in ["mean", "median", "p90"] %}
            select
                'touches_to_first_meeting_{{ milestone }}' as kpi,
                {{ kpi_cell_columns() }},
                {{ ratio("total", "measured_count") if kind == "mean" else kind }} as value,
                '{{ kind }}' as value_kind,
                {{ "total" if kind == "mean" else "null" }} as numerator,
                {{ "measured_count" if kind == "mean" else "null" }} as denominator,
                measured_count as n
            from {{ milestone }}
            union all
        {%- endfor %}
        select
            'without_first_meeting_{{ milestone }}' as kpi,
            {{ kpi_cell_columns() }},
            {{ ratio("open_count", "measured_count + open_count") }} as value,
            'ratio' as value_kind,
            open_count as numerator,
            measured_count + open_count as denominator,
            measured_count + open_count as n
        from {{ milestone }}
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
