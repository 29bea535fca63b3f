-- A signal is a row while it holds at the business date, with since when and what shows it. What no source tells (how
-- often the two teams meet) is asked in the pulse and is not guessed from anything else.
with handovers as (
    select * from {{ ref("fct_lead_handovers") }}
),

unfollowed as (
    select
        case when is_stagnant then 'undecided_handovers' else 'uncontacted_acceptances' end as signal,
        min(handed_over_date) as since_date,
        count(*) as value,
        max(case when is_stagnant then {{ var("stagnant_after_hours") }} else {{ service_level_hours() | max }} end)
            as limit_value,
        concat('oldest: person ', min_by(person_id, handed_over_at)) as evidence
    from handovers
    where is_stagnant or (is_contact_running and contact_clock_hours > {{ service_level_hours() | max }})
    group by case when is_stagnant then 'undecided_handovers' else 'uncontacted_acceptances' end
),

scores as (
    select
        *,
        row_number() over (partition by measure order by month_start desc) as age_number
    from {{ ref("mart_alignment_scorecard") }}
    where value is not null and is_month_over
),

good as (
    select
        measure,
        max(month_start) as month_start
    from scores
    where status != 'red'
    group by measure
),

-- Since the last month that was not red.
red as (
    select
        concat('red_', latest.measure) as signal,
        coalesce(
            min(case
                when history.month_start > coalesce(good.month_start, cast('1900-01-01' as date))
                    then history.month_start
            end),
            latest.month_start
        ) as since_date,
        latest.value,
        latest.target_value as limit_value,
        concat('mart_alignment_scorecard, ', cast(latest.month_start as {{ sql_type("string") }})) as evidence
    from scores as latest
    left join good on latest.measure = good.measure
    inner join scores as history on latest.measure = history.measure
    where latest.age_number = 1 and latest.status = 'red'
    group by latest.measure, latest.month_start, latest.value, latest.target_value
),

-- Marketing delivers more while sales makes less of it: three months against the three before.
quarters as (
    select
        measure,
        sum(case when age_number <= 3 then coalesce(numerator, value) end) as recent,
        sum(case when age_number between 4 and 6 then coalesce(numerator, value) end) as earlier,
        min(case when age_number <= 3 then month_start end) as since_date
    from scores
    where measure in ('mql_count', 'sal_acceptance_of_delivered')
    group by measure
),

diverging as (
    select
        'more_leads_fewer_accepted' as signal,
        delivered.since_date,
        accepted.recent - accepted.earlier as value,
        0 as limit_value,
        concat(
            'mql ', cast(delivered.earlier as {{ sql_type("string") }}), ' to ',
            cast(delivered.recent as {{ sql_type("string") }}), ', accepted ',
            cast(accepted.earlier as {{ sql_type("string") }}), ' to ',
            cast(accepted.recent as {{ sql_type("string") }})
        ) as evidence
    from quarters as delivered
    inner join quarters as accepted on accepted.measure = 'sal_acceptance_of_delivered'
    where
        delivered.measure = 'mql_count'
        and delivered.recent > delivered.earlier
        and accepted.recent < accepted.earlier
),

-- Teams that say they do not know of one another, in the newest pulse of each.
asked as (
    select
        *,
        row_number() over (partition by team, question order by sent_date desc, wave_id desc) as age_number
    from {{ ref("mart_survey_results") }}
    where survey_type = 'pulse' and not is_suppressed and question != 'all questions'
),

apart as (
    select
        'teams_disagree_in_pulse' as signal,
        sent_date as since_date,
        favourable_share as value,
        {{ var("pulse_least_favourable_share") }} as limit_value,
        concat(team, ': ', question) as evidence
    from asked
    where age_number = 1 and favourable_share < {{ var("pulse_least_favourable_share") }}
),

promises as (
    select
        'customers_told_otherwise' as signal,
        min(opened_date) as since_date,
        count(*) as value,
        0 as limit_value,
        concat('cases: ', {{ joined_texts("case_id", ", ", "case_id") }}) as evidence
    from {{ ref("fct_cases") }}
    where is_broken_promise and opened_date > {{ add_days(business_date(), -90) }}
    having count(*) > 0
),

signals as (
    select * from unfollowed
    union all
    select * from red
    union all
    select * from diverging
    union all
    select * from apart
    union all
    select * from promises
),

dated as (
    select
        *,
        {{ calendar_days_between("since_date", business_date()) }} as days_since
    from signals
),

final as (
    select {{ contract_columns() }}
    from dated
)

select * from final
