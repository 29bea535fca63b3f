-- What was said by a day stays as it was said: revisions after it, and edits of what was said, are not seen.
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

actuals as (
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

-- Whoever forecast the period at any time, or won in it: who says nothing has forecast nothing.
owners as (
    select distinct
        owner_id,
        period_start_date,
        period_end_date
    from versions
    union
    select
        owner_id,
        period_start_date,
        period_end_date
    from actuals
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
        *,
        row_number() over (
            partition by lead_time, owner_id, period_start_date, period_end_date
            order by submitted_at desc, forecast_id desc
        ) as forecast_rank
    from known_by_then
    where version_rank = 1 and not coalesce(is_withdrawn, false)
),

rate_periods as (
    {{ rate_periods() }}
),

compared as (
    select
        owners.owner_id,
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
            and said.forecast_rank = 1
    left join actuals
        on
            owners.owner_id = actuals.owner_id
            and owners.period_start_date = actuals.period_start_date
            and owners.period_end_date = actuals.period_end_date
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
