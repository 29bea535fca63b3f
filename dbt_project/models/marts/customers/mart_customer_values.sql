{%- set clv = var("clv") -%}
with customers as (
    select * from {{ ref("dim_customers") }}
),

histories as (
    select * from {{ ref("fct_customer_purchases") }}
),

predictions as (
    select * from {{ source("clv", "predictions") }}
),

gamma_gamma as (
    select
        max(case when parameter_name = 'p' then value end) as p,
        max(case when parameter_name = 'q' then value end) as q,
        max(case when parameter_name = 'v' then value end) as v
    from {{ source("clv", "parameters") }}
    where model_name = 'gamma_gamma'
),

months as (
    select * from {{ ref("fct_customer_months") }}
),

-- Of the customers of twelve month starts, the share still there a month later. A month that is not over is not there.
survival as (
    select {{ ratio("count(later.account_id)", "count(*)") }} as monthly_retention_share
    from months as began
    left join months as later
        on
            began.account_id = later.account_id
            and later.month_start = {{ dbt.dateadd("month", 1, "began.month_start") }}
    where
        began.month_start
        >= {{ dbt.dateadd("month", -12, "date_trunc('month', " ~ add_days(business_date(), 1) ~ ")") }}
        and {{ dbt.dateadd("month", 1, "began.month_start") }} <= {{ add_days(business_date(), 1) }}
),

-- What is left of a unit of monthly margin after a month of churn and discount.
kept as (
    select
        monthly_retention_share,
        monthly_retention_share / power(1 + {{ clv.annual_discount_rate }}, 1e0 / 12) as kept_share
    from survival
),

-- Whoever had a subscription and has none left is expected to bring nothing, which is a value: leaving the lost ones
-- out would make the others' stand for all.
running as (
    select
        account_id,
        sum(case when ends_on >= {{ business_date() }} then annual_amount_reporting else 0 end)
            as annual_amount_reporting
    from {{ ref("fct_subscriptions") }}
    where starts_on <= {{ business_date() }}
    group by account_id
),

valued as (
    select
        customers.*,
        histories.repeat_count,
        histories.recency_days,
        histories.age_days,
        predictions.alive_probability,
        predictions.expected_purchase_count,
        (gamma_gamma.v + histories.repeat_count * coalesce(histories.mean_repeat_amount_reporting, 0)) * gamma_gamma.p
        / nullif(gamma_gamma.p * histories.repeat_count + gamma_gamma.q - 1, 0) as expected_purchase_amount,
        predictions.discounted_purchase_count,
        running.annual_amount_reporting as subscribed_amount,
        kept.monthly_retention_share,
        -- The sum of a geometric series of the months of the horizon.
        case
            when abs(kept.kept_share - 1) < 1e-9 then {{ clv.horizon_months }}
            else kept.kept_share * (1 - power(kept.kept_share, {{ clv.horizon_months }})) / (1 - kept.kept_share)
        end as expected_months
    from customers
    left join histories on customers.account_id = histories.account_id
    left join predictions
        on
            histories.repeat_count = predictions.repeat_count
            and histories.recency_days = predictions.recency_days
            and histories.age_days = predictions.age_days
    left join running on customers.account_id = running.account_id
    cross join gamma_gamma
    cross join kept
),

-- Without repeat purchases the expected amount needs q > 1: the mean of the model does not exist otherwise.
predicted as (
    select
        *,
        subscribed_amount / 12 * gross_margin_share * expected_months as contractual,
        case when expected_purchase_amount > 0 then discounted_purchase_count * expected_purchase_amount end
        * gross_margin_share as non_contractual
    from valued
),

chosen as (
    select
        *,
        case when contractual is not null then 'contractual' when non_contractual is not null then 'non_contractual' end
            as predicted_by,
        coalesce(contractual, non_contractual) as predicted
    from predicted
),

final as (
    select
        {{ contract_columns({
            "subscribed_annual_amount_reporting": "subscribed_amount",
            "expected_purchase_amount_reporting": "expected_purchase_amount",
            "contractual_amount_reporting": "contractual",
            "non_contractual_amount_reporting": "non_contractual",
            "predicted_amount_reporting": "predicted",
            "lifetime_value_amount_reporting": "gross_margin_amount_reporting + predicted",
        }) }}
    from chosen
)

select * from final
