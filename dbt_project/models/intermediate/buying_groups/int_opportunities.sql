-- A history stamp of the close beats the close date, which has no time and closes at the end of its day. What a CRM
-- closes ahead of its date is closed at the latest when the night ends.
with opportunities as (

    select * from {{ ref("int_crm_opportunities") }}
    where created_at <= {{ business_end() }}

),

stages as (

    select
        opportunity_id,
        entered_at,
        coalesce(is_date_only, false) as is_date_only,
        is_closed,
        is_won,
        lag(is_closed) over (
            partition by opportunity_id
            order by entered_at, opportunity_stage_id
        ) as was_closed,
        lag(is_won) over (
            partition by opportunity_id
            order by entered_at, opportunity_stage_id
        ) as was_won
    from {{ ref("int_crm_opportunity_stages") }}
    where entered_at <= {{ business_end() }}

),

-- Of several closes (reopened deals) the last counts; further edits of a closed deal do not move it.
closes as (

    select
        opportunity_id,
        is_won,
        max(entered_at) as closed_at
    from stages
    where is_closed and not is_date_only and (not coalesce(was_closed, false) or was_won != is_won)
    group by opportunity_id, is_won

),

closed as (

    select
        opportunities.*,
        case
            when opportunities.is_won then 'won'
            when opportunities.is_closed then 'lost'
            else 'open'
        end as status,
        case
            when opportunities.is_closed or opportunities.is_won
                then least(
                    coalesce(closes.closed_at, {{ end_of_day("opportunities.close_date") }}),
                    {{ business_end() }}
                )
        end as closed_at,
        (opportunities.is_closed or opportunities.is_won) and closes.closed_at is null as is_closed_date_only
    from opportunities
    left join closes
        on opportunities.opportunity_id = closes.opportunity_id and opportunities.is_won = closes.is_won

),

origins as (

    select
        people.converted_opportunity_id as opportunity_id,
        min(resolved.account_id) as account_id
    from {{ ref("int_crm_people") }} as people
    inner join {{ ref("int_person_members") }} as members on people.person_id = members.member_person_id
    inner join {{ ref("int_people_resolved") }} as resolved on members.person_id = resolved.person_id
    where people.converted_opportunity_id is not null and resolved.account_id is not null
    group by people.converted_opportunity_id

),

resolved as (

    select
        closed.source_system,
        closed.opportunity_id,
        coalesce(accounts.account_id, origins.account_id) as account_id,
        closed.opportunity_name,
        closed.opportunity_type,
        closed.stage_name,
        closed.amount,
        closed.currency,
        closed.probability,
        closed.forecast_category,
        closed.close_date,
        closed.is_closed,
        closed.is_won,
        closed.loss_reason,
        closed.lead_source,
        closed.campaign_id,
        closed.owner_id,
        closed.created_at,
        closed.created_at as opportunity_created_at,
        closed.status,
        closed.closed_at,
        closed.is_closed_date_only
    from closed
    left join {{ ref("int_account_members") }} as accounts on closed.account_id = accounts.member_account_id
    left join origins on closed.opportunity_id = origins.opportunity_id

)

select * from resolved
