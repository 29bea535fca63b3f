{#-
    Credit, and what it cost, per model × date basis × month × the given dimensions: a chain of CTEs that ends
    with one called `performance`.

    dimensions: {column: SQL over `fct_credits`}; the expression must not be null.
    spend_dimensions: {column: SQL over `fct_spend`} for the same columns; none where spend does not know them.

    Credit and spend meet in a full join: spend that earned nothing and credit that cost nothing both stay. Spend is
    repeated for every model and date basis, since each is one reading of the same money.
-#}
{% macro performance_by(dimensions, spend_dimensions=none) %}
{%- set stages = ['mql', 'sal', 'sql', 'opportunity', 'won'] -%}
{%- set names = dimensions.keys() | list -%}
{#- A cost for one conversion says nothing, and outgrows its type, where decay has left next to none of one. -#}
{%- set least_credit = '0.0001' -%}
with credits as (
    select
        model_name,
        {%- for name, expression in dimensions.items() %}
        {{ expression }} as {{ name }},
        {%- endfor %}
        conversion_type,
        amount_kind,
        credit_share,
        credited_amount_reporting,
        cast(date_trunc('month', reporting_date) as date) as close_month,
        cast(date_trunc('month', coalesce(touched_date, reporting_date)) as date) as touch_month
    from {{ ref("fct_credits") }}
),

dated as (
    {%- for basis, month in [('close_date', 'close_month'), ('touch_date', 'touch_month')] %}
    select
        '{{ basis }}' as date_basis,
        {{ month }} as month_start,
        credits.*
    from credits
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

credited as (
    select
        model_name,
        date_basis,
        month_start,
        {{ names | join(',\n        ') }},
        {%- for stage in stages %}
        {{ exact_sum("case when conversion_type = '" ~ stage ~ "' then credit_share else 0 end") }}
            as {{ stage }}_credit,
        {%- endfor %}
        sum(case when conversion_type = 'opportunity' then credited_amount_reporting end) as pipeline_amount,
        sum(case when amount_kind = 'open_pipeline' then credited_amount_reporting end) as open_pipeline_amount,
        sum(case when amount_kind = 'revenue' then credited_amount_reporting end) as revenue_amount
    from dated
    group by model_name, date_basis, month_start, {{ names | join(', ') }}
),
{% if spend_dimensions %}
slices as (
    select
        models.model_name,
        bases.date_basis
    from ({{ model_names() }}) as models
    cross join (select 'close_date' as date_basis union all select 'touch_date' as date_basis) as bases
),

spent as (
    select
        cast(date_trunc('month', spend_date) as date) as month_start,
        {%- for name in names %}
        {{ spend_dimensions[name] }} as {{ name }},
        {%- endfor %}
        sum(amount_reporting) as spend_amount,
        sum(impression_count) as impression_count,
        sum(click_count) as click_count
    from {{ ref("fct_spend") }}
    group by
        cast(date_trunc('month', spend_date) as date)
        {%- for name in names %},
        {{ spend_dimensions[name] }}
        {%- endfor %}
),

spent_per_slice as (
    select
        slices.model_name,
        slices.date_basis,
        spent.*
    from spent
    cross join slices
),
{% endif %}
joined as (
    select
        {%- for key in ['model_name', 'date_basis', 'month_start'] + names %}
        {%- if spend_dimensions %}
        coalesce(credited.{{ key }}, spent_per_slice.{{ key }}) as {{ key }},
        {%- else %}
        credited.{{ key }},
        {%- endif %}
        {%- endfor %}
        {%- for stage in stages %}
        coalesce(credited.{{ stage }}_credit, 0) as credited_{{ stage }}_count,
        {%- endfor %}
        {%- if spend_dimensions %}
        coalesce(spent_per_slice.spend_amount, 0) as spend_amount_reporting,
        coalesce(spent_per_slice.impression_count, 0) as impression_count,
        coalesce(spent_per_slice.click_count, 0) as click_count,
        {%- endif %}
        coalesce(credited.pipeline_amount, 0) as pipeline_amount_reporting,
        coalesce(credited.open_pipeline_amount, 0) as open_pipeline_amount_reporting,
        coalesce(credited.revenue_amount, 0) as revenue_amount_reporting
    from credited
    {%- if spend_dimensions %}
    full outer join spent_per_slice
        on
            {%- for key in ['model_name', 'date_basis', 'month_start'] + names %}
            {{ 'and ' if not loop.first }}credited.{{ key }} = spent_per_slice.{{ key }}
            {%- endfor %}
    {%- endif %}
),

lasting as (
    select
        joined.*,
        {{ add_days(dbt.dateadd('month', 1, 'month_start'), -1) }} as month_last_day
    from joined
),

performance as (
    select
        lasting.*,
        {{ model_goals('model_name') }} as goals,
        '{{ var("reporting_currency") }}' as reporting_currency,
        {%- if spend_dimensions %}
        {{ ratio('revenue_amount_reporting - spend_amount_reporting', 'spend_amount_reporting') }} as roi,
        {{ ratio('revenue_amount_reporting', 'spend_amount_reporting') }} as roas,
        {%- for stage in stages %}
        case
            when credited_{{ stage }}_count >= {{ least_credit }}
                then {{ ratio('spend_amount_reporting', 'credited_' ~ stage ~ '_count') }}
        end as cost_per_{{ stage }}_amount_reporting,
        {%- endfor %}
        {%- endif %}
        {{ add_days('month_last_day', var('lookback_days')['won']) }} <= {{ business_date() }}
            or (date_basis = 'close_date' and month_last_day <= {{ business_date() }}) as is_window_complete
    from lasting
)
{% endmacro %}

{#- A query: the name of every model whose credit is shown, and of every other that the run computed, once. -#}
{% macro model_names() -%}
    select distinct model_name from {{ ref("fct_credits") }}
    union
    select model_name
    from {{ source("attribution", "run_models") }}
    where run_number = (select max(run_number) from {{ source("attribution", "runs") }})
{%- endmacro %}
