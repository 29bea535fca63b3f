with terms as (
    select * from {{ ref("fct_subscriptions") }}
),

-- The day after the business date counts where it begins a month: then the last month is over.
months as (
    select distinct month_start
    from {{ ref("dim_dates") }}
    where month_start <= {{ business_date() }}
    union
    select cast({{ add_days(business_date(), 1) }} as date) as month_start
    where cast({{ add_days(business_date(), 1) }} as date) = date_trunc('month', {{ add_days(business_date(), 1) }})
),

first_terms as (
    select
        account_id,
        min(starts_on) as customer_since_date
    from terms
    group by account_id
),

-- Who sold to the customer first: the term that began first, by its key where two did.
sellers as (
    select
        account_id,
        owner_id
    from (
        select
            *,
            row_number() over (partition by account_id order by starts_on asc, subscription_id asc) as term_number
        from terms
    ) as numbered
    where term_number = 1
),

active as (
    select
        terms.account_id,
        months.month_start,
        sum(terms.annual_amount_reporting) as annual_amount_reporting
    from months
    inner join terms on months.month_start >= terms.starts_on and months.month_start <= terms.ends_on
    group by terms.account_id, months.month_start
),

described as (
    select
        active.*,
        '{{ var("reporting_currency") }}' as reporting_currency,
        first_terms.customer_since_date,
        {{ whole_months_between("first_terms.customer_since_date", "active.month_start") }} as tenure_months,
        sellers.owner_id,
        users.team,
        accounts.industry,
        accounts.company_size,
        accounts.region,
        accounts.segment as account_segment
    from active
    inner join first_terms on active.account_id = first_terms.account_id
    left join sellers on active.account_id = sellers.account_id
    left join {{ ref("dim_users") }} as users on sellers.owner_id = users.user_id
    left join {{ ref("dim_accounts") }} as accounts on active.account_id = accounts.account_id
),

banded as (
    select
        described.*,
        bands.tenure_band
    from described
    left join {{ ref("tenure_bands") }} as bands
        on
            described.tenure_months >= bands.least_months
            and described.tenure_months <= coalesce(bands.most_months, described.tenure_months)
),

final as (
    select {{ contract_columns() }}
    from banded
)

select * from final
