with entries as (
    select * from {{ ref("fct_stage_entries") }}
),

steps as (
    {{ funnel_steps() }}
),

-- A stage that was left and entered again in the same cycle is one unit of the funnel, from its first entry.
reached as (
    select
        unit_type,
        unit_id,
        cycle_number,
        stage,
        min(entered_at) as entered_at,
        min(entered_date) as entered_date,
        max(opportunity_id) as opportunity_id,
        max(person_id) as person_id,
        max(account_id) as account_id,
        max(lead_source) as lead_source,
        max(owner_id) as owner_id,
        max(industry) as industry,
        max(region) as region,
        max(account_segment) as account_segment,
        min(case when is_inferred then 1 else 0 end) = 1 as is_inferred
    from entries
    group by unit_type, unit_id, cycle_number, stage
),

opportunity_stages as (
    select
        opportunity_id,
        stage,
        min(entered_at) as entered_at,
        min(entered_date) as entered_date
    from reached
    where unit_type = 'opportunity'
    group by opportunity_id, stage
),

-- A person's cycle reaches the opportunity stages by the opportunity that it led to. A win that is stamped before
-- the stage it came from still counts: the order of stages is the funnel's, not the clock's.
progressed as (
    select
        reached.*,
        steps.to_stage,
        steps.maturity_days,
        coalesce(later.entered_at, deals.entered_at) as converted_at,
        {{ calendar_days_between('reached.entered_date', 'coalesce(later.entered_date, deals.entered_date)') }}
            as days_to_convert
    from reached
    inner join steps on reached.stage = steps.from_stage
    left join reached as later
        on
            steps.to_level = 'person'
            and reached.unit_type = later.unit_type
            and reached.unit_id = later.unit_id
            and reached.cycle_number = later.cycle_number
            and steps.to_stage = later.stage
    left join opportunity_stages as deals
        on
            steps.to_level = 'opportunity'
            and reached.opportunity_id = deals.opportunity_id
            and steps.to_stage = deals.stage
),

flagged as (
    select
        progressed.*,
        stage as from_stage,
        converted_at is not null as is_converted,
        converted_at is not null and days_to_convert <= maturity_days as is_converted_in_window,
        {{ add_days('entered_date', 'maturity_days') }} <= {{ business_date() }} as is_mature
    from progressed
),

final as (
    select {{ contract_columns() }}
    from flagged
)

select * from final
