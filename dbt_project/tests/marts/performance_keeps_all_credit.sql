-- Each performance mart holds all credit once for every model and date basis.
with credited as (
    select
        model_name,
        {{ exact_sum("credit_share") }} as credited_count,
        coalesce(sum(case when amount_kind = 'revenue' then credited_amount_reporting end), 0) as revenue_amount,
        coalesce(sum(case when amount_kind = 'open_pipeline' then credited_amount_reporting end), 0) as open_amount
    from {{ ref("fct_credits") }}
    group by model_name
),

slices as (
    {%- for mart in ["mart_channel_performance", "mart_campaign_performance", "mart_content_performance"] %}
        select
            '{{ mart }}' as relation,
            model_name,
            date_basis,
            sum(
                credited_mql_count + credited_sal_count + credited_sql_count + credited_opportunity_count
                + credited_won_count
            ) as credited_count,
            sum(revenue_amount_reporting) as revenue_amount,
            sum(open_pipeline_amount_reporting) as open_amount
        from {{ ref(mart) }}
        group by model_name, date_basis
        {{ "union all" if not loop.last }}
    {%- endfor %}
)

select
    slices.*,
    credited.credited_count as expected_count,
    credited.revenue_amount as expected_revenue_amount,
    credited.open_amount as expected_open_amount
from credited
inner join slices on credited.model_name = slices.model_name
where
    abs(slices.credited_count - credited.credited_count) > 1e-9 * credited.credited_count
    or slices.revenue_amount != credited.revenue_amount
    or slices.open_amount != credited.open_amount
