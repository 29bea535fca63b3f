{%- set grain = journey_grain() -%}
{%- set touches_by = "account" if grain == "account" else "people" -%}
{%- set used_up_until =
    "cast(null as timestamp)" if var("reuse_touches_after_win") else "previous_wins.previous_win_at" -%}
-- Both conversions of a deal: that it was opened, and that it was won. A deal opened after its account's previous win
-- begins its journey after that win; a deal that was already open then shares the touches.
with opportunities as (

    select * from {{ ref("int_opportunities") }}

),

account_events as (

    select
        account_id,
        opportunity_id,
        opportunity_created_at as happened_at,
        cast(null as timestamp) as won_at,
        1 as event_order
    from opportunities

    union all

    -- Never before the deal itself was opened, or its own win would end its journey.
    select
        account_id,
        cast(null as {{ sql_type("string") }}) as opportunity_id,
        greatest(closed_at, opportunity_created_at + interval '1' microsecond) as happened_at,
        closed_at as won_at,
        0 as event_order
    from opportunities
    where status = 'won'

),

previous_wins as (

    select
        opportunity_id,
        previous_win_at
    from (
        select
            opportunity_id,
            event_order,
            max(won_at) over (
                partition by account_id
                order by happened_at, event_order
                rows between unbounded preceding and current row
            ) as previous_win_at
        from account_events
        where account_id is not null
    ) as running
    where event_order = 1 and previous_win_at is not null

),

origins as (

    select
        opportunity_id,
        min(person_id) as person_id
    from {{ ref("int_opportunity_people") }}
    where is_origin
    group by opportunity_id

),

endings as (

    select
        'opportunity' as conversion_type,
        {{ lookback_days("opportunity") }} as lookback_days,
        opportunity_id,
        'converted' as outcome,
        opportunity_created_at as ended_at,
        opportunity_created_at as converted_at,
        {{ local_date("opportunity_created_at") }} as reporting_date
    from opportunities

    union all

    select
        'won' as conversion_type,
        {{ lookback_days("won") }} as lookback_days,
        opportunity_id,
        case status when 'won' then 'converted' else status end as outcome,
        coalesce(closed_at, {{ business_end() }}) as ended_at,
        case when status = 'won' then closed_at end as converted_at,
        case when status = 'open' then {{ business_date() }} else close_date end as reporting_date
    from opportunities

),

journeys as (

    select
        concat_ws(':', endings.conversion_type, endings.opportunity_id) as journey_id,
        endings.conversion_type,
        endings.outcome,
        '{{ grain }}' as journey_grain,
        case when opportunities.account_id is null then 'people' else '{{ touches_by }}' end as touches_by,
        endings.opportunity_id as unit_id,
        opportunities.account_id,
        origins.person_id,
        1 as cycle_number,
        greatest(
            {{ add_elapsed_days(
                "least(opportunities.opportunity_created_at, endings.ended_at)", "-endings.lookback_days"
            ) }},
            coalesce({{ used_up_until }} + interval '1' microsecond, cast('1900-01-01' as timestamp))
        ) as started_at,
        endings.ended_at,
        endings.converted_at,
        endings.reporting_date,
        opportunities.opportunity_id,
        opportunities.status as opportunity_status,
        opportunities.opportunity_type,
        opportunities.opportunity_created_at,
        case when opportunities.closed_at <= endings.ended_at then opportunities.closed_at end as closed_at,
        opportunities.amount,
        opportunities.currency
    from endings
    inner join opportunities on endings.opportunity_id = opportunities.opportunity_id
    left join previous_wins on endings.opportunity_id = previous_wins.opportunity_id
    left join origins on endings.opportunity_id = origins.opportunity_id

)

select * from journeys
