-- What was said by a day stays as it was said: revisions after it, and edits of what was said, are not seen. What a
-- manager forecasts for the team is held to what the team won, and stands apart from what each of them said.
with versions as (
    select * from {{ ref("int_crm_forecasts") }}
    where
        submitted_at <= {{ business_end() }}
        and (forecast_category is null or lower(trim(forecast_category)) = '{{ var("forecast_category") }}')
),

users as (
    select * from {{ ref("dim_users") }}
),

won as (
    select * from {{ ref("fct_opportunities") }}
    where opportunity_status = 'won'
),

rollups as (
    {{ rolled_up_plans("versions") }}
),

periods as (
    select distinct
        period_start_date,
        period_end_date
    from versions
),

lead_times as (
    select
        'start' as lead_time,
        period_start_date as as_of_date,
        periods.*
    from periods
    union all
    select
        'middle' as lead_time,
        {{ add_days(
            "period_start_date",
            whole_quotient(calendar_days_between("period_start_date", "period_end_date"), 2)
        ) }} as as_of_date,
        periods.*
    from periods
    union all
    select
        'end' as lead_time,
        period_end_date as as_of_date,
        periods.*
    from periods
),

own_actuals as (
    select
        periods.period_start_date,
        periods.period_end_date,
        won.owner_id,
        sum(won.amount_reporting) as amount_reporting
    from periods
    inner join won on periods.period_start_date <= won.close_date and periods.period_end_date >= won.close_date
    where won.owner_id is not null
    group by periods.period_start_date, periods.period_end_date, won.owner_id
),

team_members as (
    {{ users_of_managers() }}
),

actuals as (
    select
        owner_id,
        period_start_date,
        period_end_date,
        false as is_rollup,
        amount_reporting
    from own_actuals
    union all
    select
        rollups.owner_id,
        rollups.period_start_date,
        rollups.period_end_date,
        true as is_rollup,
        sum(own_actuals.amount_reporting) as amount_reporting
    from rollups
    inner join team_members on rollups.owner_id = team_members.manager_id
    inner join own_actuals
        on
            team_members.user_id = own_actuals.owner_id
            and rollups.period_start_date = own_actuals.period_start_date
            and rollups.period_end_date = own_actuals.period_end_date
    group by rollups.owner_id, rollups.period_start_date, rollups.period_end_date
),

-- Whoever forecast the period at any time, or won in it: who says nothing has forecast nothing.
owners as (
    select
        versions.owner_id,
        versions.period_start_date,
        versions.period_end_date,
        rollups.owner_id is not null as is_rollup
    from versions
    left join rollups
        on
            versions.owner_id = rollups.owner_id
            and versions.period_start_date = rollups.period_start_date
            and versions.period_end_date = rollups.period_end_date
    union
    select
        owner_id,
        period_start_date,
        period_end_date,
        false as is_rollup
    from own_actuals
),

known_by_then as (
    select
        lead_times.lead_time,
        versions.*,
        row_number() over (
            partition by
                lead_times.lead_time, versions.forecast_id, versions.period_start_date, versions.period_end_date
            order by versions.submitted_at desc, versions.amount desc
        ) as version_rank
    from lead_times
    inner join versions
        on
            lead_times.period_start_date = versions.period_start_date
            and lead_times.period_end_date = versions.period_end_date
            and versions.submitted_at <= {{ end_of_day("lead_times.as_of_date") }}
),

said as (
    select
        known_by_then.*,
        rollups.owner_id is not null as is_rollup,
        row_number() over (
            partition by
                known_by_then.lead_time, known_by_then.owner_id, known_by_then.period_start_date,
                known_by_then.period_end_date
            order by known_by_then.submitted_at desc, known_by_then.forecast_id desc
        ) as forecast_rank
    from known_by_then
    left join rollups
        on
            known_by_then.owner_id = rollups.owner_id
            and known_by_then.period_start_date = rollups.period_start_date
            and known_by_then.period_end_date = rollups.period_end_date
    where known_by_then.version_rank = 1 and not coalesce(known_by_then.is_withdrawn, false)
),

rate_periods as (
    {{ rate_periods() }}
),

compared as (
    select
        owners.owner_id,
        owners.is_rollup,
        users.team,
        users.manager_id,
        lead_times.lead_time,
        lead_times.period_start_date,
        lead_times.period_end_date,
        lead_times.as_of_date,
        said.submitted_at,
        said.forecast_id is not null as is_submitted,
        case
            when said.forecast_id is null then 0
            else round({{ amount_at_rate("said.amount", "rate_periods.rate") }}, 4)
        end as forecast_amount_reporting,
        coalesce(actuals.amount_reporting, 0) as actual_amount_reporting,
        lead_times.period_end_date <= {{ business_date() }} as is_period_complete,
        '{{ var("reporting_currency") }}' as reporting_currency
    from lead_times
    inner join owners
        on
            lead_times.period_start_date = owners.period_start_date
            and lead_times.period_end_date = owners.period_end_date
    left join said
        on
            lead_times.lead_time = said.lead_time
            and owners.owner_id = said.owner_id
            and owners.period_start_date = said.period_start_date
            and owners.period_end_date = said.period_end_date
            and owners.is_rollup = said.is_rollup
            and said.forecast_rank = 1
    left join actuals
        on
            owners.owner_id = actuals.owner_id
            and owners.period_start_date = actuals.period_start_date
            and owners.period_end_date = actuals.period_end_date
            and owners.is_rollup = actuals.is_rollup
    left join users on owners.owner_id = users.user_id
    left join rate_periods
        on
            said.currency = rate_periods.currency
            and said.period_start_date >= rate_periods.holds_from
            and said.period_start_date < rate_periods.holds_until
    where lead_times.as_of_date <= {{ business_date() }}
),

missed as (
    select
        *,
        abs(actual_amount_reporting - forecast_amount_reporting) as absolute_error_amount_reporting
    from compared
),

final as (
    select {{ contract_columns() }}
    from missed
)

select * from final
