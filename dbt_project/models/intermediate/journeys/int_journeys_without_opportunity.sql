{%- set grain = journey_grain() -%}
{%- set unit = "person" if grain == "person" else "account" -%}
{%- set opened_by = ref("int_opportunity_people") if unit == "person" else ref("int_opportunities") -%}
{%- set person_id = "endings.person_id" if unit == "person" else "cast(null as " ~ sql_type("string") ~ ")" -%}
-- Those who could have opened a deal and have not. Where journeys are people's these are the people of the funnel; else
-- accounts, with everybody resolved to them: nobody has a role in a deal that does not exist.
with opened as (

    select distinct {{ unit }}_id as unit_id from {{ opened_by }}
    where {{ "is_origin" if unit == "person" else "account_id is not null" }}

),

units as (

    select
        endings.{{ unit }}_id as unit_id,
        endings.account_id,
        {{ person_id }} as person_id,
        case when endings.disqualified_at is null then 'open' else 'disqualified' end as outcome,
        coalesce(endings.disqualified_at, {{ business_end() }}) as ended_at
    from {{ ref("int_" ~ unit ~ "_endings") }} as endings
    left join opened on endings.{{ unit }}_id = opened.unit_id
    where opened.unit_id is null

),

journeys as (

    select
        concat_ws(':', 'opportunity', '{{ unit }}', unit_id) as journey_id,
        'opportunity' as conversion_type,
        outcome,
        '{{ grain }}' as journey_grain,
        '{{ "people" if unit == "person" else "account" }}' as touches_by,
        unit_id,
        account_id,
        person_id,
        1 as cycle_number,
        {{ add_elapsed_days("ended_at", "-" ~ lookback_days("opportunity")) }} as started_at,
        ended_at,
        cast(null as timestamp) as converted_at,
        {{ local_date("ended_at") }} as reporting_date
    from units

)

select * from journeys
