{%- set aligned = "cast('" ~ var("alignment_date") ~ "' as date)" if var("alignment_date") else "cast(null as date)" -%}
-- The year before var `alignment_date` beside the time since, by whole months; sums over sums, not means of months. No
-- rows without a date. What differs may have other causes: two periods are no experiment.
with costs as (
    select
        cast(date_trunc('month', spend_date) as date) as month_start,
        sum(amount_reporting) as amount
    from {{ ref("fct_spend") }}
    where spend_date <= {{ business_date() }}
    group by cast(date_trunc('month', spend_date) as date)
),

customers as (
    select
        cast(date_trunc('month', first_won_date) as date) as month_start,
        count(*) as customer_count
    from {{ ref("dim_accounts") }}
    where first_won_date <= {{ business_date() }}
    group by cast(date_trunc('month', first_won_date) as date)
),

cycles as (
    select
        cast(date_trunc('month', close_date) as date) as month_start,
        days_from_first_contact_to_close as days
    from {{ ref("fct_opportunities") }}
    where opportunity_status = 'won' and days_from_first_contact_to_close >= 0
),

handovers as (
    select
        cast(date_trunc('month', handed_over_date) as date) as month_start,
        decision
    from {{ ref("fct_lead_handovers") }}
    where decision in ('accepted', 'rejected')
),

parts as (
    select
        'cac' as measure,
        month_start,
        cast(amount as double) as numerator,
        0 as denominator
    from costs
    union all
    select
        'cac' as measure,
        month_start,
        0 as numerator,
        customer_count as denominator
    from customers
    union all
    select
        'mean_days_to_win' as measure,
        month_start,
        days as numerator,
        1 as denominator
    from cycles
    union all
    select
        'sal_acceptance_of_decided' as measure,
        month_start,
        case when decision = 'accepted' then 1 else 0 end as numerator,
        1 as denominator
    from handovers
),

sided as (
    select
        *,
        {{ aligned }} as alignment_date,
        case
            when month_start >= {{ aligned }} then 'after'
            when month_start >= {{ dbt.dateadd("year", -1, aligned) }} then 'before'
        end as side
    from parts
),

summed as (
    select
        measure,
        side,
        alignment_date,
        min(month_start) as first_month_start,
        max(month_start) as last_month_start,
        {{ exact_sum("numerator") }} as numerator,
        sum(denominator) as denominator
    from sided
    where side is not null
    group by measure, side, alignment_date
),

rated as (
    select
        *,
        {{ ratio("numerator", "denominator") }} as value
    from summed
),

changed as (
    select
        *,
        case
            when side = 'after'
                then value - max(case when side = 'before' then value end) over (partition by measure)
        end as change_since_before
    from rated
),

final as (
    select {{ contract_columns() }}
    from changed
)

select * from final
