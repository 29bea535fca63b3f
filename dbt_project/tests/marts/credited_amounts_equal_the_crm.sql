-- What a model credits is what the CRM says was opened and won: per month of close and currency, exactly.
{% set currency = "coalesce(currency, '" ~ var("reporting_currency") ~ "')" %}
with models as (
    {{ model_names() }}
),

crm as (
    select
        opportunity_id,
        is_won,
        {{ currency }} as currency,
        coalesce(amount, 0) as amount,
        cast(date_trunc('month', close_date) as date) as close_month
    from {{ ref("int_crm_opportunities") }}
    where created_at <= {{ business_end() }}
),

expected as (
    select
        'opportunity' as conversion_type,
        close_month,
        currency,
        sum(amount) as amount
    from crm
    group by close_month, currency
    union all
    select
        'won' as conversion_type,
        close_month,
        currency,
        sum(amount) as amount
    from crm
    where is_won
    group by close_month, currency
),

-- A win counts in the month that it reports; an opportunity, which reports its creation, in the CRM's month of close.
dated as (
    select
        credits.model_name,
        credits.conversion_type,
        credits.credited_amount,
        case
            when credits.conversion_type = 'won' then cast(date_trunc('month', credits.reporting_date) as date)
            else crm.close_month
        end as close_month,
        coalesce(credits.currency, '{{ var("reporting_currency") }}') as currency
    from {{ ref("fct_credits") }} as credits
    left join crm on credits.opportunity_id = crm.opportunity_id
    where credits.conversion_type in ('opportunity', 'won')
),

credited as (
    select
        model_name,
        conversion_type,
        close_month,
        currency,
        sum(coalesce(credited_amount, 0)) as amount
    from dated
    group by model_name, conversion_type, close_month, currency
),

expected_per_model as (
    select
        models.model_name,
        expected.conversion_type,
        expected.close_month,
        expected.currency,
        expected.amount
    from expected
    cross join models
)

select
    coalesce(expected_per_model.model_name, credited.model_name) as model_name,
    coalesce(expected_per_model.conversion_type, credited.conversion_type) as conversion_type,
    coalesce(expected_per_model.close_month, credited.close_month) as close_month,
    coalesce(expected_per_model.currency, credited.currency) as currency,
    expected_per_model.amount as crm_amount,
    credited.amount as credited_amount
from expected_per_model
full outer join credited
    on
        expected_per_model.model_name = credited.model_name
        and expected_per_model.conversion_type = credited.conversion_type
        and expected_per_model.close_month = credited.close_month
        and expected_per_model.currency = credited.currency
where coalesce(expected_per_model.amount, 0) != coalesce(credited.amount, 0)
