{{ config(schema="intermediate") }}
{#- figure: [CTE, expression, condition] -#}
{%- set figures = {
    "revenue_won": ["won", "amount", "true"],
    "win_count": ["won", "opportunity_count", "true"],
    "pipeline_created": ["created", "amount", "true"],
    "opportunity_count": ["created", "opportunity_count", "true"],
    "credited_revenue": ["credited", "amount", "conversion_type = 'won'"],
    "credited_wins": ["credited", "credit", "conversion_type = 'won'"],
    "credited_pipeline": ["credited", "amount", "conversion_type = 'opportunity'"],
} -%}
-- What can be added up, as it is known tonight. A ratio is locked by locking what it is made of.
with opportunities as (
    select * from {{ ref("fct_opportunities") }}
    where not is_shell
),

won as (
    select
        cast(date_trunc('month', close_date) as date) as month_start,
        'all' as model_name,
        'all' as channel,
        count(*) as opportunity_count,
        sum(amount_reporting) as amount
    from opportunities
    where opportunity_status = 'won'
    group by cast(date_trunc('month', close_date) as date)
),

created as (
    select
        cast(date_trunc('month', created_date) as date) as month_start,
        'all' as model_name,
        'all' as channel,
        count(*) as opportunity_count,
        sum(amount_reporting) as amount
    from opportunities
    group by cast(date_trunc('month', created_date) as date)
),

credited as (
    select
        cast(date_trunc('month', reporting_date) as date) as month_start,
        conversion_type,
        model_name,
        channel,
        {{ exact_sum("credit_share") }} as credit,
        sum(credited_amount_reporting) as amount
    from {{ ref("fct_credits") }}
    where conversion_type in ('won', 'opportunity')
    group by cast(date_trunc('month', reporting_date) as date), conversion_type, model_name, channel
),

figures as (
    {%- for figure, (cte, expression, condition) in figures.items() %}
        select
            '{{ figure }}' as figure,
            month_start,
            model_name,
            channel,
            cast(coalesce({{ expression }}, 0) as {{ sql_type("decimal") }}) as value
        from {{ cte }}
        where {{ condition }}
        {%- if not loop.last %}
            union all
        {%- endif %}
    {%- endfor %}
)

select * from figures
