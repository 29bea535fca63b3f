with accounts as (
    select * from {{ ref("int_accounts") }}
),

sizes as (
    select * from {{ ref("company_sizes") }}
),

people as (
    select
        account_id,
        count(*) as people_count
    from {{ ref("int_people_resolved") }}
    where account_id is not null
    group by account_id
),

opportunities as (
    select
        account_id,
        count(*) as opportunity_count,
        count(case when status = 'won' then 1 end) as won_count,
        min(case when status = 'won' then close_date end) as first_won_date
    from {{ ref("int_opportunities") }}
    group by account_id
),

joined as (
    select
        accounts.*,
        accounts.annual_revenue as annual_revenue_amount,
        sizes.company_size,
        coalesce(people.people_count, 0) as people_count,
        coalesce(opportunities.opportunity_count, 0) as opportunity_count,
        coalesce(opportunities.won_count, 0) as won_count,
        opportunities.first_won_date,
        opportunities.first_won_date is not null as is_customer
    from accounts
    left join sizes
        on
            accounts.employee_count >= sizes.least_employee_count
            and accounts.employee_count <= coalesce(sizes.most_employee_count, accounts.employee_count)
    left join people on accounts.account_id = people.account_id
    left join opportunities on accounts.account_id = opportunities.account_id
),

final as (
    select {{ contract_columns() }}
    from joined
)

select * from final
