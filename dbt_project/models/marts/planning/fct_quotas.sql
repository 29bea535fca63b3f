-- A manager's quota is what the team is to win together: added to those of the team it would count twice.
with quotas as (
    select * from {{ ref("int_crm_quotas") }}
),

rollups as (
    {{ rolled_up_plans("quotas") }}
),

users as (
    select * from {{ ref("dim_users") }}
),

rate_periods as (
    {{ rate_periods() }}
),

described as (
    select
        quotas.*,
        users.team,
        users.manager_id,
        rollups.owner_id is not null as is_rollup,
        rate_periods.rate as exchange_rate,
        round({{ amount_at_rate("quotas.amount", "rate_periods.rate") }}, 4) as amount_reporting,
        '{{ var("reporting_currency") }}' as reporting_currency
    from quotas
    left join users on quotas.owner_id = users.user_id
    left join rollups
        on
            quotas.owner_id = rollups.owner_id
            and quotas.period_start_date = rollups.period_start_date
            and quotas.period_end_date = rollups.period_end_date
    left join rate_periods
        on
            quotas.currency = rate_periods.currency
            and quotas.period_start_date >= rate_periods.holds_from
            and quotas.period_start_date < rate_periods.holds_until
),

final as (
    select {{ contract_columns() }}
    from described
)

select * from final
