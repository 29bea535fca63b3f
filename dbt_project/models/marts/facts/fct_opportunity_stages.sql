-- A stage lasts until the deal enters another or is closed; edits in between (its amount, its date) do not end it.
-- A deal that comes back to a stage is in it once more.
with opportunities as (
    select * from {{ ref("fct_opportunities") }}
),

entries as (
    select
        *,
        {{ local_date("entered_at") }} as entered_date,
        lag(stage_name) over (
            partition by opportunity_id
            order by entered_at, opportunity_stage_id
        ) as previous_stage_name
    from {{ ref("int_crm_opportunity_stages") }}
    where entered_at <= {{ business_end() }}
),

changes as (
    select
        *,
        row_number() over (
            partition by opportunity_id
            order by entered_at, opportunity_stage_id
        ) as entry_number,
        lead(stage_name) over (
            partition by opportunity_id
            order by entered_at, opportunity_stage_id
        ) as next_stage_name,
        lead(entered_date) over (
            partition by opportunity_id
            order by entered_at, opportunity_stage_id
        ) as next_entered_date
    from entries
    where previous_stage_name is null or previous_stage_name != stage_name
),

-- Closed, and no stage says when: on the close date.
ended as (
    select
        changes.*,
        opportunities.source_system as opportunity_source_system,
        opportunities.account_id,
        opportunities.owner_id,
        opportunities.team,
        opportunities.opportunity_type,
        opportunities.is_shell,
        coalesce(
            changes.next_entered_date,
            case when opportunities.opportunity_status != 'open' then opportunities.close_date end
        ) as left_date,
        coalesce(
            changes.next_stage_name,
            case when opportunities.opportunity_status != 'open' then opportunities.stage_name end
        ) as exit_stage_name
    from changes
    inner join opportunities on changes.opportunity_id = opportunities.opportunity_id
    where not coalesce(changes.is_closed, false)
),

timed as (
    select
        *,
        left_date is null as is_running,
        {{ calendar_days_between("entered_date", "left_date") }} as days_in_stage
    from ended
),

final as (
    select {{ contract_columns({"source_system": "opportunity_source_system"}) }}
    from timed
)

select * from final
