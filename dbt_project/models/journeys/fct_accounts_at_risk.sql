-- An account can convert from the first that is known of it (its record, a person, a touch) until it is disqualified
-- or the night ends: it has more people to qualify and more deals to win after the first, so it stays at risk.
-- Accounts that nobody ever touched are here too.
with first_touches as (

    select
        account_id,
        min(touched_at) as first_touched_at
    from {{ ref("int_touches") }}
    where account_id is not null
    group by account_id

),

conversions as (

    select
        account_id,
        stage as conversion_type,
        min(entered_at) as converted_at,
        max(entered_at) as last_converted_at
    from {{ ref("int_stage_entries") }}
    where
        not is_inferred
        and account_id is not null
        and (
            (unit_type = 'person' and stage in ('mql', 'sal', 'sql'))
            or (unit_type = 'opportunity' and stage in ('opportunity', 'won'))
        )
    group by account_id, stage

),

conversion_types as (

    {{ value_rows(["conversion_type"], [["'mql'"], ["'sal'"], ["'sql'"], ["'opportunity'"], ["'won'"]]) }}

),

spans as (

    select
        endings.account_id,
        conversion_types.conversion_type,
        least(
            endings.account_created_at,
            coalesce(endings.first_person_created_at, endings.account_created_at),
            coalesce(first_touches.first_touched_at, endings.account_created_at),
            coalesce(conversions.converted_at, endings.account_created_at)
        ) as observed_from,
        coalesce(endings.disqualified_at, {{ business_end() }}) as ended_at,
        conversions.last_converted_at,
        conversions.converted_at is not null as is_converted,
        conversions.converted_at
    from {{ ref("int_account_endings") }} as endings
    cross join conversion_types
    left join first_touches on endings.account_id = first_touches.account_id
    left join conversions
        on
            endings.account_id = conversions.account_id
            and conversion_types.conversion_type = conversions.conversion_type

),

accounts_at_risk as (

    select
        spans.account_id,
        spans.conversion_type,
        spans.observed_from,
        greatest(
            spans.ended_at, spans.observed_from, coalesce(spans.last_converted_at, spans.observed_from)
        ) as observed_until,
        spans.is_converted,
        spans.converted_at,
        accounts.industry,
        accounts.employee_count,
        accounts.region,
        accounts.segment
    from spans
    inner join {{ ref("int_accounts") }} as accounts on spans.account_id = accounts.account_id

)

select * from accounts_at_risk
