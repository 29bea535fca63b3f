with touch_counts as (

    select
        journey_id,
        count(*) as touch_count
    from {{ ref("fct_journey_touches") }}
    group by journey_id

),

journeys as (

    select
        journeys.journey_id,
        case when journeys.outcome = 'converted' then journeys.journey_id end as conversion_id,
        journeys.conversion_type,
        journeys.outcome = 'converted' as is_converted,
        journeys.outcome,
        journeys.journey_grain,
        journeys.unit_id,
        journeys.account_id,
        journeys.person_id,
        journeys.opportunity_id,
        journeys.opportunity_status,
        journeys.opportunity_type,
        cast(journeys.cycle_number as integer) as cycle_number,
        journeys.started_at,
        journeys.ended_at,
        journeys.converted_at,
        journeys.reporting_date,
        journeys.amount,
        journeys.currency,
        cast(amounts.minor_unit_digits as integer) as minor_unit_digits,
        amounts.exchange_rate,
        amounts.exchange_rate_date,
        amounts.amount_reporting,
        '{{ var("reporting_currency") }}' as reporting_currency,
        cast(coalesce(reporting.minor_unit_digits, 2) as integer) as reporting_minor_unit_digits,
        cast(coalesce(touch_counts.touch_count, 0) as integer) as touch_count,
        milestones.lead_created_at,
        milestones.mql_at,
        milestones.sal_at,
        milestones.sql_at,
        journeys.opportunity_created_at,
        journeys.closed_at
    from {{ ref("int_journeys") }} as journeys
    left join {{ ref("int_journey_milestones") }} as milestones on journeys.journey_id = milestones.journey_id
    left join {{ ref("int_journey_amounts") }} as amounts on journeys.journey_id = amounts.journey_id
    left join {{ ref("currencies") }} as reporting on reporting.currency = '{{ var("reporting_currency") }}'
    left join touch_counts on journeys.journey_id = touch_counts.journey_id

)

select * from journeys
