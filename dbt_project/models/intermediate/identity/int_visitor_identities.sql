-- Only an email that a lead or contact has says who a visitor is, as long as the visitor gave one. What came before
-- the first identification belongs to the first person, later touches to whoever identified last.
with identifications as (

    select
        touches.visitor_id,
        touches.touched_at,
        touches.touch_id,
        {{ normalised_email("touches.email") }} as email,
        emails.person_id,
        coalesce(emails.person_id, {{ normalised_email("touches.email") }}) as identity,
        max(case when emails.person_id is null then 0 else 1 end) over (partition by touches.visitor_id) as is_known
    from {{ ref("int_touchpoints_classified") }} as touches
    left join {{ ref("int_person_emails") }} as emails on {{ normalised_email("touches.email") }} = emails.email
    where
        touches.is_admitted
        and touches.touched_at <= {{ business_end() }}
        and touches.visitor_id is not null
        and {{ normalised_email("touches.email") }} is not null

),

changes as (

    select
        *,
        lag(identity) over (partition by visitor_id order by touched_at, touch_id) as previous_identity
    from identifications
    where is_known = 0 or person_id is not null

),

spans as (

    select
        visitor_id,
        email,
        person_id,
        touch_id,
        touched_at as identified_at,
        previous_identity is null as is_first,
        lead(touched_at) over (partition by visitor_id order by touched_at, touch_id) as next_identified_at
    from changes
    where previous_identity is null or previous_identity != identity

),

identities as (

    select
        visitor_id,
        email,
        person_id,
        touch_id,
        identified_at,
        case when is_first then cast('1900-01-01' as timestamp) else identified_at end as valid_from,
        coalesce(next_identified_at, cast('9999-12-31' as timestamp)) as valid_until
    from spans

)

select * from identities
