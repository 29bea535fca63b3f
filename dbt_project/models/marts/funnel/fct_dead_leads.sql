{%- set days = var("dead_lead_days") -%}
-- A lead dies by being disqualified, or by silence: no touch, no act of sales' and no change of stage for var
-- `dead_lead_days`. Once it has a deal it is a lead no longer. The next touch brings it back, and it may die again.
with leads as (
    select * from {{ ref("fct_leads") }}
),

-- A day is enough to tell silence, and keeps many touches of a day one row.
signs as (
    select
        person_id,
        touched_date as sign_date,
        min(touched_at) as touched_at
    from {{ ref("fct_touches") }}
    where person_id is not null
    group by person_id, touched_date
    union all
    select
        unit_id as person_id,
        entered_date as sign_date,
        cast(null as timestamp) as touched_at
    from {{ ref("fct_stage_entries") }}
    where unit_type = 'person'
    union all
    select
        person_id,
        occurred_date as sign_date,
        cast(null as timestamp) as touched_at
    from {{ ref("fct_activities") }}
    where is_human_contact and person_id is not null
),

followed as (
    select
        signs.person_id,
        signs.sign_date,
        lead(signs.sign_date) over (partition by signs.person_id order by signs.sign_date) as next_sign_date
    from signs
),

deaths as (
    select
        person_id,
        {{ add_days("sign_date", days) }} as dead_date,
        'silent' as cause
    from followed
    where coalesce(next_sign_date, {{ business_date() }}) > {{ add_days("sign_date", days) }}
    union all
    select
        unit_id as person_id,
        entered_date as dead_date,
        'disqualified' as cause
    from {{ ref("fct_stage_entries") }}
    where unit_type = 'person' and stage = 'disqualified'
),

-- One row for each death and each day with a touch, in order: what stands next after a death is what became of it.
timeline as (
    select
        person_id,
        dead_date as day,
        cause,
        cast(null as timestamp) as touched_at,
        1 as place
    from deaths
    union all
    select
        person_id,
        sign_date as day,
        cast(null as {{ sql_type("string") }}) as cause,
        touched_at,
        0 as place
    from signs
    where touched_at is not null
),

lives as (
    select
        *,
        count(touched_at) over (
            partition by person_id
            order by day, place
            rows between unbounded preceding and current row
        ) as life_number,
        min(touched_at) over (
            partition by person_id
            order by day, place
            rows between 1 following and unbounded following
        ) as next_touched_at
    from timeline
),

-- Disqualified first and silent for long after is one death.
died as (
    select
        person_id,
        min(day) as dead_date,
        min_by(cause, day) as cause,
        min(next_touched_at) as re_engaged_at
    from lives
    where cause is not null
    group by person_id, life_number
),

described as (
    select
        died.person_id,
        died.dead_date,
        died.cause,
        died.re_engaged_at,
        died.re_engaged_at is not null as is_re_engaged,
        row_number() over (partition by died.person_id order by died.dead_date) as death_number,
        leads.account_id,
        leads.lead_source,
        leads.owner_id,
        leads.team,
        leads.industry,
        leads.company_size,
        leads.region,
        leads.account_segment
    from died
    inner join leads on died.person_id = leads.person_id
    where leads.first_opportunity_date is null or died.dead_date < leads.first_opportunity_date
),

final as (
    select {{ contract_columns() }}
    from described
)

select * from final
