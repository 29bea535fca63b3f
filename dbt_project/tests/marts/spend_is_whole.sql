-- Money that was spent is neither lost nor doubled: from staging to `fct_spend`, and on to every slice of the marts.
with staged as (
    select
        currency,
        sum(amount) as amount
    from {{ ref("int_spend_classified") }}
    where spend_date <= {{ business_date() }}
    group by currency
),

kept as (
    select
        currency,
        sum(amount) as amount
    from {{ ref("fct_spend") }}
    group by currency
),

total as (
    select coalesce(sum(amount_reporting), 0) as amount_reporting
    from {{ ref("fct_spend") }}
),

slices as (
    {%- for mart in ["mart_channel_performance", "mart_campaign_performance"] %}
        select
            '{{ mart }}' as relation,
            model_name,
            date_basis,
            sum(spend_amount_reporting) as amount_reporting
        from {{ ref(mart) }}
        group by model_name, date_basis
        {{ "union all" if not loop.last }}
    {%- endfor %}
)

select
    'fct_spend' as relation,
    coalesce(staged.currency, kept.currency) as slice,
    staged.amount as expected_amount,
    kept.amount as found_amount
from staged
full outer join kept on staged.currency = kept.currency
where coalesce(staged.amount, 0) != coalesce(kept.amount, 0)
union all
select
    slices.relation,
    concat(slices.model_name, ' ', slices.date_basis) as slice,
    total.amount_reporting as expected_amount,
    slices.amount_reporting as found_amount
from slices
cross join total
where slices.amount_reporting != total.amount_reporting
