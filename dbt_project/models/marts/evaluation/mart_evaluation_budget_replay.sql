with spend as (
    select
        channel,
        spend_date,
        amount_reporting
    from {{ ref("fct_spend") }}
    where channel != 'unallocated' and amount_reporting > 0
),

days as (
    select
        min(spend_date) as earlier_from,
        max(spend_date) as later_until
    from spend
    having count(*) > 0
),

halves as (
    select
        earlier_from,
        {{ add_days(
            "earlier_from", whole_quotient(calendar_days_between("earlier_from", "later_until") ~ " + 1", 2)
        ) }} as later_from,
        later_until
    from days
),

budgets as (
    select
        spend.channel,
        cast(sum(spend.amount_reporting) as double) as spend_amount_reporting
    from spend
    inner join halves on spend.spend_date >= halves.later_from
    group by spend.channel
),

-- By the day of the touch, so that credit and spend are of the same time.
credits as (
    select
        credits.conversion_type,
        credits.model_name,
        credits.channel,
        {{ exact_sum("case when credits.touched_date < halves.later_from then credits.credit_share else 0 end") }}
            as earlier_credit,
        {{ exact_sum("case when credits.touched_date >= halves.later_from then credits.credit_share else 0 end") }}
            as later_credit
    from {{ ref("fct_credits") }} as credits
    inner join halves on credits.touched_date between halves.earlier_from and halves.later_until
    where credits.credit_kind = 'touch'
    group by credits.conversion_type, credits.model_name, credits.channel
),

models as (
    select distinct
        conversion_type,
        model_name
    from credits
),

cells as (
    select
        models.conversion_type,
        models.model_name,
        budgets.channel,
        budgets.spend_amount_reporting,
        coalesce(credits.earlier_credit, 0) as earlier_credit,
        coalesce(credits.later_credit, 0) as later_credit,
        sum(budgets.spend_amount_reporting) over (
            partition by models.conversion_type, models.model_name
        ) as budget_amount_reporting,
        sum(coalesce(credits.earlier_credit, 0)) over (
            partition by models.conversion_type, models.model_name
        ) as total_earlier_credit
    from models
    cross join budgets
    left join credits
        on
            models.conversion_type = credits.conversion_type
            and models.model_name = credits.model_name
            and budgets.channel = credits.channel
),

replayed as (
    select
        *,
        budget_amount_reporting * {{ ratio("earlier_credit", "total_earlier_credit") }} as replayed_amount_reporting
    from cells
),

moved as (
    select
        conversion_type,
        model_name,
        count(*) as channel_count,
        sum(spend_amount_reporting) as spend_amount_reporting,
        {{ ratio("sum(abs(replayed_amount_reporting - spend_amount_reporting)) / 2", "sum(spend_amount_reporting)") }}
            as moved_spend_share
    from replayed
    group by conversion_type, model_name
),

-- What each model says that the budget of each would have brought.
judged as (
    select
        replayed.conversion_type,
        replayed.model_name,
        judges.model_name as judge_name,
        {{ ratio(
            "sum(replayed.replayed_amount_reporting * judges.later_credit / judges.spend_amount_reporting)",
            "sum(judges.later_credit)"
        ) }} - 1 as gain_share
    from replayed
    inner join cells as judges
        on
            replayed.conversion_type = judges.conversion_type
            and replayed.channel = judges.channel
    group by replayed.conversion_type, replayed.model_name, judges.model_name
),

gains as (
    select
        conversion_type,
        model_name,
        count(case when judge_name != model_name then gain_share end) as other_model_count,
        max(case when judge_name = model_name then gain_share end) as own_gain_share,
        min(case when judge_name != model_name then gain_share end) as others_lowest_gain_share,
        {{ percentile_of("case when judge_name != model_name then gain_share end", 0.5) }}
            as others_median_gain_share,
        max(case when judge_name != model_name then gain_share end) as others_highest_gain_share
    from judged
    group by conversion_type, model_name
),

joined as (
    select
        moved.*,
        gains.other_model_count,
        gains.own_gain_share,
        gains.others_lowest_gain_share,
        gains.others_median_gain_share,
        gains.others_highest_gain_share,
        halves.earlier_from,
        halves.later_from,
        halves.later_until,
        '{{ var("reporting_currency") }}' as reporting_currency
    from moved
    inner join gains
        on
            moved.conversion_type = gains.conversion_type
            and moved.model_name = gains.model_name
    cross join halves
),

final as (
    select {{ contract_columns() }}
    from joined
)

select * from final
