-- What one day brought is one purchase: two deals signed together are no repeat.
with days as (

    select
        account_id,
        least(reporting_date, {{ business_date() }}) as purchase_date,
        sum(amount_reporting) as amount_reporting
    from {{ ref("fct_journeys") }}
    where conversion_type = 'won' and is_converted and account_id is not null
    group by account_id, least(reporting_date, {{ business_date() }})

),

numbered as (

    select
        *,
        row_number() over (
            partition by account_id
            order by purchase_date
        ) as purchase_number
    from days

),

customers as (

    select
        account_id,
        min(purchase_date) as first_purchase_date,
        max(purchase_date) as last_purchase_date,
        cast(count(*) - 1 as integer) as repeat_count,
        cast({{ calendar_days_between("min(purchase_date)", "max(purchase_date)") }} as integer) as recency_days,
        cast({{ calendar_days_between("min(purchase_date)", business_date()) }} as integer) as age_days,
        cast(
            sum(case when purchase_number > 1 then amount_reporting end)
            / nullif(count(case when purchase_number > 1 then amount_reporting end), 0)
            as {{ sql_type("decimal") }}
        ) as mean_repeat_amount_reporting,
        '{{ var("reporting_currency") }}' as reporting_currency
    from numbered
    group by account_id

)

select * from customers
