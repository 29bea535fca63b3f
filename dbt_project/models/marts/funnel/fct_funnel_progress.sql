with entries as (
    select * from {{ ref("fct_stage_entries") }}
),

steps as (
    {{ funnel_steps() }}
),

-- A stage that is stamped before the one it came from still counts: the order of stages is the funnel's, not the
-- clock's.
progressed as (
    select
        entries.*,
        entries.stage as from_stage,
        steps.to_stage,
        steps.maturity_days,
        later.entered_at as converted_at,
        {{ calendar_days_between("entries.entered_date", "later.entered_date") }} as days_to_convert
    from entries
    inner join steps
        on
            entries.unit_type = steps.unit_type
            and entries.stage = steps.from_stage
    left join entries as later
        on
            entries.unit_type = later.unit_type
            and entries.unit_id = later.unit_id
            and entries.cycle_number = later.cycle_number
            and steps.to_stage = later.stage
),

flagged as (
    select
        *,
        converted_at is not null as is_converted,
        coalesce(days_to_convert <= maturity_days, false) as is_converted_in_window,
        {{ add_days("entered_date", "maturity_days") }} <= {{ business_date() }} as is_mature
    from progressed
),

final as (
    select {{ contract_columns() }}
    from flagged
)

select * from final
