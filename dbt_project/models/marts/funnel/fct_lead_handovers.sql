{%- set clocks = {
    "decision": ["handed_over_at", "decision_clock_ended_at"],
    "contact": ["accepted_at", "contact_clock_ended_at"],
} -%}
-- Marketing hands a lead over by qualifying it: every recorded MQL is one, once a cycle. A stage that is only inferred
-- was never handed over, and an acceptance that is only inferred was never decided.
with entries as (
    select * from {{ ref("fct_stage_entries") }}
    where unit_type = 'person'
),

cycles as (
    select
        unit_id as person_id,
        cycle_number,
        max(case when stage = 'mql' and not is_inferred then stage_entry_id end) as stage_entry_id,
        max(case when stage = 'mql' and not is_inferred then entered_at end) as handed_over_at,
        max(case when stage = 'sal' and not is_inferred then entered_at end) as accepted_entry_at,
        max(case when stage = 'sal' and is_inferred then 1 else 0 end) = 1 as is_decision_skipped,
        max(case when stage = 'rejected' then entered_at end) as rejected_entry_at,
        max(case when stage = 'rejected' then reason end) as rejection_reason,
        min(case when stage in ('recycled', 'disqualified', 'lost', 'won') then entered_at end) as ended_at,
        min(case when stage in ('sql', 'opportunity') then entered_at end) as qualified_at
    from entries
    group by unit_id, cycle_number
),

handed_over as (
    select
        *,
        lead(handed_over_at) over (partition by person_id order by cycle_number) as next_handed_over_at
    from cycles
    where stage_entry_id is not null
),

-- The first decision counts: a rejection that sales takes back later was one.
decided as (
    select
        *,
        case
            when accepted_entry_at <= coalesce(rejected_entry_at, accepted_entry_at) then 'accepted'
            when rejected_entry_at is not null then 'rejected'
            when is_decision_skipped then 'skipped'
            when ended_at is not null then 'taken_back'
            else 'undecided'
        end as decision
    from handed_over
),

contacts as (
    select
        decided.stage_entry_id,
        min(case when activities.is_human_contact then activities.occurred_at end) as first_contact_at,
        min(case when activities.is_human_contact and activities.is_outbound then activities.occurred_at end)
            as first_outbound_at,
        min(case when activities.is_answered then activities.occurred_at end) as first_answered_at
    from decided
    inner join {{ ref("fct_activities") }} as activities
        on
            decided.person_id = activities.person_id
            and decided.handed_over_at <= activities.occurred_at
            and (decided.next_handed_over_at is null or decided.next_handed_over_at > activities.occurred_at)
    group by decided.stage_entry_id
),

-- A clock ends with what it waits for, or with the cycle, after which nothing is owed; else it runs on into the night.
-- Whoever was called before the acceptance need not be called again.
clocked as (
    select
        entries.*,
        decided.handed_over_at,
        decided.decision,
        decided.qualified_at,
        decided.ended_at,
        contacts.first_contact_at,
        contacts.first_outbound_at,
        contacts.first_answered_at,
        case
            when decided.decision = 'accepted' then decided.accepted_entry_at
            when decided.decision = 'rejected' then decided.rejected_entry_at
        end as decided_at,
        case when decided.decision = 'accepted' then decided.accepted_entry_at end as accepted_at,
        case when decided.decision = 'rejected' then decided.rejection_reason end as rejection_reason,
        case
            when decided.decision = 'accepted' then decided.accepted_entry_at
            when decided.decision = 'rejected' then decided.rejected_entry_at
            when decided.decision = 'taken_back' then decided.ended_at
            when decided.decision = 'undecided' then {{ business_end() }}
        end as decision_clock_ended_at,
        case
            when decided.decision != 'accepted' then null
            when contacts.first_contact_at < decided.accepted_entry_at then decided.accepted_entry_at
            else coalesce(contacts.first_contact_at, decided.ended_at, {{ business_end() }})
        end as contact_clock_ended_at
    from decided
    inner join entries on decided.stage_entry_id = entries.stage_entry_id
    left join contacts on decided.stage_entry_id = contacts.stage_entry_id
),

-- In business hours a clock stands still outside them, by the two days' places in dim_business_hours.
timed as (
    select
        clocked.*,
    {%- for clock, (start, end) in clocks.items() %}
        case
            when clocked.{{ end }} < clocked.{{ start }} then 0
            {%- if counts_business_hours() %}
                else (
                    {{ business_minutes_at("clocked." ~ end, clock ~ "_end_hours") }}
                    - {{ business_minutes_at("clocked." ~ start, clock ~ "_start_hours") }}
                ) / 60
                {%- else %}
                else {{ hours_between("clocked." ~ start, "clocked." ~ end) }}
            {%- endif %}
        end as {{ clock }}_clock_hours
        {{- "," if not loop.last }}
    {%- endfor %}
    from clocked
    {%- if counts_business_hours() %}
    {%- for clock, (start, end) in clocks.items() %}
    left join {{ ref("dim_business_hours") }} as {{ clock }}_start_hours
        on {{ local_date("clocked." ~ start) }} = {{ clock }}_start_hours.date_day
    left join {{ ref("dim_business_hours") }} as {{ clock }}_end_hours
        on {{ local_date("clocked." ~ end) }} = {{ clock }}_end_hours.date_day
    {%- endfor %}
    {%- endif %}
),

answered as (
    select
        timed.*,
        timed.stage_entry_id as handover_id,
        {{ local_date("handed_over_at") }} as handed_over_date,
        case when decided_at is not null then decision_clock_hours end as hours_to_decision,
        case when accepted_at is not null and first_contact_at is not null then contact_clock_hours end
            as hours_from_acceptance_to_contact,
        decision = 'undecided' as is_decision_running,
        decision = 'accepted' and first_contact_at is null and ended_at is null as is_contact_running,
        {{ minutes_between("handed_over_at", "first_outbound_at") }} as response_minutes,
        {{ minutes_between("handed_over_at", business_end()) }} as waited_minutes,
        decision = 'rejected' and (first_outbound_at is null or first_outbound_at > decided_at) as is_rejected_unasked,
        qualified_at is not null as is_qualified,
        first_answered_at is not null as is_answered,
        decision = 'undecided' and decision_clock_hours > {{ var("stagnant_after_hours") }} as is_stagnant
    from timed
),

bucketed as (
    select
        *,
        {{ add_days("handed_over_date", var("funnel_maturity_days")["sql"]) }} <= {{ business_date() }} as is_mature,
        {{ response_bucket("response_minutes") }} as response_bucket
    from answered
),

final as (
    select {{ contract_columns() }}
    from bucketed
)

select * from final
