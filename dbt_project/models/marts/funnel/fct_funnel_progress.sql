{%- set later_stages = (funnel_stages("person") + funnel_stages("opportunity") + funnel_exits())[1:] -%}
with entries as (
    select * from {{ ref("fct_stage_entries") }}
),

steps as (
    {{ funnel_steps() }}
),

-- A cycle has each stage once, so what it reached fits in one row: cheaper than looking every later stage up.
reached as (
    select
        unit_type,
        unit_id,
        cycle_number,
    {%- for stage in later_stages %}
        max(case when stage = '{{ stage }}' then entered_at end) as {{ stage }}_at,
        max(case when stage = '{{ stage }}' then entered_date end) as {{ stage }}_date
        {{- "," if not loop.last }}
    {%- endfor %}
    from entries
    group by unit_type, unit_id, cycle_number
),

-- A stage that is stamped before the one it came from still counts: the order of stages is the funnel's, not the
-- clock's.
progressed as (
    select
        entries.*,
        entries.stage as from_stage,
        steps.to_stage,
        steps.maturity_days,
    {%- for column in ["at", "date"] %}
        case steps.to_stage
            {%- for stage in later_stages %}
                when '{{ stage }}' then reached.{{ stage }}_{{ column }}
            {%- endfor %}
        end as converted_{{ column }}
        {{- "," if not loop.last }}
    {%- endfor %}
    from entries
    inner join reached
        on
            entries.unit_type = reached.unit_type
            and entries.unit_id = reached.unit_id
            and entries.cycle_number = reached.cycle_number
    inner join steps
        on
            entries.unit_type = steps.unit_type
            and entries.stage = steps.from_stage
),

timed as (
    select
        *,
        {{ calendar_days_between("entered_date", "converted_date") }} as days_to_convert
    from progressed
),

flagged as (
    select
        *,
        converted_at is not null as is_converted,
        coalesce(days_to_convert <= maturity_days, false) as is_converted_in_window,
        {{ add_days("entered_date", "maturity_days") }} <= {{ business_date() }} as is_mature
    from timed
),

final as (
    select {{ contract_columns() }}
    from flagged
)

select * from final
