{{ config(enabled=source_enabled("salesforce")) }}

with

opportunities as (

    select * from {{ ref("stg_salesforce__opportunities") }}

),

history as (

    select * from {{ ref("stg_salesforce__opportunity_history") }}

),

stages as (

    select * from {{ ref("opportunity_stages") }}
    where source_system = 'salesforce'

),

-- What a stage means is the deal's own word for its current stage, the seed's for those it went through.
entries as (

    select
        history.opportunity_history_id as opportunity_stage_id,
        history.opportunity_id,
        history.stage_name,
        history.changed_at as entered_at,
        false as is_date_only,
        history.amount,
        history.close_date,
        history.probability,
        coalesce(
            case when history.stage_name = opportunities.stage_name then opportunities.is_closed end,
            stages.is_closed
        ) as is_closed,
        coalesce(
            case when history.stage_name = opportunities.stage_name then opportunities.is_won end,
            stages.is_won
        ) as is_won

    from history
    left join opportunities
        on history.opportunity_id = opportunities.opportunity_id
    left join stages
        on history.stage_name = stages.stage_name

),

history_summary as (

    select
        opportunity_id,
        max(case when is_closed then 1 else 0 end) as closed_count

    from entries
    group by opportunity_id

),

-- Deals whose history was not delivered, or not to its end, still close: on their close date.
inferred as (

    select
        concat(opportunities.opportunity_id, ':current') as opportunity_stage_id,
        opportunities.opportunity_id,
        opportunities.stage_name,
        case
            when opportunities.is_closed then {{ end_of_day("opportunities.close_date") }}
            else opportunities.created_at
        end as entered_at,
        opportunities.is_closed as is_date_only,
        opportunities.amount,
        opportunities.close_date,
        opportunities.probability,
        opportunities.is_closed,
        opportunities.is_won

    from opportunities
    left join history_summary
        on opportunities.opportunity_id = history_summary.opportunity_id
    where
        history_summary.opportunity_id is null
        or (opportunities.is_closed and history_summary.closed_count = 0)

),

all_entries as (

    select * from entries
    union all
    select * from inferred

),

mapped as (

    select
        'salesforce' as source_system,
        opportunity_stage_id,
        opportunity_id,
        stage_name,
        entered_at,
        is_date_only,
        amount,
        close_date,
        probability,
        is_closed,
        is_won

    from all_entries

)

select * from mapped
