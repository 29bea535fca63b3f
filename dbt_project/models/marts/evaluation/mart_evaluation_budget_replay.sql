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

-- What each channel was seen to take a day, in either half and in each month that is whole.
paces as (
    select
        spend.channel,
        sum(spend.amount_reporting) / case
            when spend.spend_date >= halves.later_from
                then {{ calendar_days_between("halves.later_from", "halves.later_until") }} + 1
            else {{ calendar_days_between("halves.earlier_from", "halves.later_from") }}
        end as daily_amount_reporting
    from spend
    cross join halves
    group by
        spend.channel, spend.spend_date >= halves.later_from, halves.earlier_from, halves.later_from, halves.later_until
    union all
    select
        spend.channel,
        sum(spend.amount_reporting)
        / extract(day from {{ dbt.last_day("spend.spend_date", "month") }})
    from spend
    cross join halves
    where
        date_trunc('month', spend.spend_date) >= halves.earlier_from
        and {{ dbt.last_day("spend.spend_date", "month") }} <= halves.later_until
    group by spend.channel, {{ dbt.last_day("spend.spend_date", "month") }}
),

most as (
    select
        paces.channel,
        max(paces.daily_amount_reporting)
        * ({{ calendar_days_between("max(halves.later_from)", "max(halves.later_until)") }} + 1)
            as most_amount_reporting
    from paces
    cross join halves
    group by paces.channel
),

budgets as (
    select
        spend.channel,
        cast(sum(spend.amount_reporting) as double) as spend_amount_reporting
    from spend
    inner join halves on spend.spend_date >= halves.later_from
    group by spend.channel
),

-- Rounding must not leave a channel less room than it had.
rooms as (
    select
        budgets.*,
        greatest(budgets.spend_amount_reporting, cast(most.most_amount_reporting as double)) as most_amount_reporting
    from budgets
    inner join most on budgets.channel = most.channel
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
        rooms.channel,
        rooms.spend_amount_reporting,
        rooms.most_amount_reporting,
        coalesce(credits.earlier_credit, 0) as earlier_credit,
        coalesce(credits.later_credit, 0) as later_credit,
        sum(rooms.spend_amount_reporting) over (
            partition by models.conversion_type, models.model_name
        ) as budget_amount_reporting,
        sum(coalesce(credits.earlier_credit, 0)) over (
            partition by models.conversion_type, models.model_name
        ) as total_earlier_credit
    from models
    cross join rooms
    left join credits
        on
            models.conversion_type = credits.conversion_type
            and models.model_name = credits.model_name
            and rooms.channel = credits.channel
),

-- Each credited channel takes `level` per conversion credited, or all that it was ever seen to take. What they take
-- rises with the level, at a slope that falls whenever a channel is full, in the order of its room per credit: so the
-- level at which they take the budget is the highest of those that each number of full channels asks for.
levels as (
    select
        conversion_type,
        model_name,
        max((budget_amount_reporting - taken_by_full) / credit_of_others) as level
    from (
        select
            *,
            coalesce(sum(most_amount_reporting) over (
                partition by conversion_type, model_name
                order by most_amount_reporting / earlier_credit, channel
                rows between unbounded preceding and 1 preceding
            ), 0) as taken_by_full,
            sum(earlier_credit) over (
                partition by conversion_type, model_name
                order by most_amount_reporting / earlier_credit desc, channel desc
                rows between unbounded preceding and current row
            ) as credit_of_others
        from cells
        where earlier_credit > 0
    ) as filling
    group by conversion_type, model_name
),

placed as (
    select
        cells.*,
        levels.level * cells.earlier_credit >= cells.most_amount_reporting as is_full,
        case
            when cells.earlier_credit > 0 then least(levels.level * cells.earlier_credit, cells.most_amount_reporting)
            else 0
        end as placed_amount_reporting,
        case when cells.earlier_credit > 0 then 0 else cells.spend_amount_reporting end as uncredited_amount_reporting
    from cells
    left join levels
        on
            cells.conversion_type = levels.conversion_type
            and cells.model_name = levels.model_name
),

-- What the credited channels have no room for stays with the others.
replayed as (
    select
        *,
        case
            when total_earlier_credit = 0 then null
            when earlier_credit > 0 then placed_amount_reporting
            else uncredited_amount_reporting * {{ ratio(
                "budget_amount_reporting - sum(placed_amount_reporting) over (partition by conversion_type, model_name)",
                "sum(uncredited_amount_reporting) over (partition by conversion_type, model_name)"
            ) }}
        end as replayed_amount_reporting
    from placed
),

moved as (
    select
        conversion_type,
        model_name,
        count(*) as channel_count,
        count(case when is_full then 1 end) as full_channel_count,
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
