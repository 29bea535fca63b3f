with credits as (
    select
        model_name,
        case conversion_type when 'won' then 'revenue' else 'pipeline' end as goal,
        {{ month_number("touched_date") }} as touched_month,
        {{ month_number("reporting_date") }} as reporting_month,
        credit_kind,
        credit_share,
        credited_amount_reporting
    from {{ ref("fct_credits") }}
    where conversion_type in ('opportunity', 'won')
),

credited as (
    select
        model_name,
        goal,
        touched_month as month_number,
        {{ exact_sum("credit_share") }} as credited_count
    from credits
    where credit_kind = 'touch'
    group by model_name, goal, touched_month
),

reached as (
    select
        model_name,
        goal,
        reporting_month as month_number,
        cast(sum(credited_amount_reporting) as double) as amount_reporting
    from credits
    group by model_name, goal, reporting_month
),

-- The first month of a touch may have begun before the data; the month of the business date may not be over.
spans as (
    select
        model_name,
        goal,
        min(month_number) as first_month,
        {{ month_number(add_days(business_date(), 1)) }} - 1 as last_month
    from credited
    group by model_name, goal
),

months as (
    select distinct {{ month_number("date_day") }} as month_number
    from {{ ref("dim_dates") }}
),

lags as (
    {{ value_rows(["lag_months"], [[0], [1], [2], [3]]) }}
),

paired as (
    select
        spans.model_name,
        spans.goal,
        lags.lag_months,
        coalesce(credited.credited_count, 0) as credited_count,
        coalesce(reached.amount_reporting, 0) as amount_reporting
    from spans
    cross join lags
    inner join months
        on months.month_number between spans.first_month and spans.last_month - lags.lag_months
    left join credited
        on
            spans.model_name = credited.model_name
            and spans.goal = credited.goal
            and months.month_number = credited.month_number
    left join reached
        on
            spans.model_name = reached.model_name
            and spans.goal = reached.goal
            and months.month_number + lags.lag_months = reached.month_number
),

-- Rounded, as sums of doubles end otherwise in another order of rows, and a night run twice gives the same.
correlated as (
    select
        model_name,
        goal,
        lag_months,
        count(*) as month_count,
        case
            when
                count(*) > 3
                and max(credited_count) > min(credited_count)
                and max(amount_reporting) > min(amount_reporting)
                then round(corr(credited_count, amount_reporting), 12)
        end as correlation
    from paired
    group by model_name, goal, lag_months
),

limited as (
    select
        *,
        least(greatest(correlation, -0.999999), 0.999999) as bounded_correlation
    from correlated
),

-- Fisher's transformation: atanh(r) is about normal with variance 1 / (n - 3).
transformed as (
    select
        *,
        ln((1 + bounded_correlation) / (1 - bounded_correlation)) / 2 as z,
        1.6448536269514722 / sqrt(case when month_count > 3 then month_count - 3 end) as half_width
    from limited
),

bounded as (
    select
        *,
        {{ tanh("z - half_width") }} as correlation_low,
        {{ tanh("z + half_width") }} as correlation_high
    from transformed
),

final as (
    select {{ contract_columns() }}
    from bounded
)

select * from final
