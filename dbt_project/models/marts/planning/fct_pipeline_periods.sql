-- Read from the CRM's history as it is tonight; what the pipeline was said to be on a night is in its frozen snapshots.
with opportunities as (
    select * from {{ ref("fct_opportunities") }}
),

history as (
    select
        *,
        {{ local_date("entered_at") }} as entered_date
    from {{ ref("int_crm_opportunity_stages") }}
    where entered_at <= {{ business_end() }}
),

beginnings as (
    select
        opportunity_id,
        min(entered_date) as first_date
    from history
    group by opportunity_id
),

-- Where no history tells, or only from some day on, an opportunity has been open since its creation, with the amount it
-- has now. In which stage a closed one was then, and how likely its win, nobody knows.
states as (
    select
        opportunity_id,
        entered_at,
        opportunity_stage_id,
        entered_date,
        stage_name,
        amount,
        probability,
        is_closed
    from history
    union all
    select
        opportunities.opportunity_id,
        opportunities.created_at as entered_at,
        '' as opportunity_stage_id,
        opportunities.created_date as entered_date,
        case
            when opportunities.opportunity_status = 'open' and beginnings.first_date is null
                then opportunities.stage_name
        end as stage_name,
        opportunities.amount,
        case
            when opportunities.opportunity_status = 'open' and beginnings.first_date is null
                then opportunities.probability
        end as probability,
        false as is_closed
    from opportunities
    left join beginnings on opportunities.opportunity_id = beginnings.opportunity_id
    where beginnings.first_date is null or beginnings.first_date > opportunities.created_date
),

-- The last state of a day is the day's.
days as (
    select
        *,
        row_number() over (
            partition by opportunity_id, entered_date
            order by entered_at desc, opportunity_stage_id desc
        ) as state_rank
    from states
),

spans as (
    select
        days.opportunity_id,
        days.stage_name,
        days.is_closed,
        days.probability,
        days.entered_date as valid_from_date,
        coalesce(days.amount, opportunities.amount) as amount,
        opportunities.exchange_rate,
        opportunities.reporting_currency,
        lead(days.entered_date) over (partition by days.opportunity_id order by days.entered_date) as next_date,
        -- Closed without a stage that says so: at its close date, and no earlier than it began.
        case
            when opportunities.opportunity_status != 'open' then greatest(opportunities.close_date, days.entered_date)
        end as closed_date
    from days
    inner join opportunities on days.opportunity_id = opportunities.opportunity_id
    where days.state_rank = 1
),

ended as (
    select
        *,
        coalesce(next_date, closed_date) as valid_until_date,
        coalesce(round({{ amount_at_rate("amount", "exchange_rate") }}, 4), 0) as amount_reporting
    from spans
    -- A stage that no seed knows is open: it is listed in int_crm_unmapped_values.
    where not coalesce(is_closed, false)
),

weighted as (
    select
        *,
        {{ percent_of_amount("coalesce(probability, 0)", "amount_reporting") }} as weighted_amount_reporting
    from ended
    where valid_until_date is null or valid_until_date > valid_from_date
),

final as (
    select {{ contract_columns() }}
    from weighted
)

select * from final
