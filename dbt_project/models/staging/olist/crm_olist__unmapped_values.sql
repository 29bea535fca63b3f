{{ config(enabled=source_enabled("olist")) }}

with

leads as (

    select * from {{ ref("stg_olist__marketing_qualified_leads") }}

),

rules as (

    select channel_hint as origin from {{ ref("channel_rules") }}
    where touch_kind = 'first_contact'

),

-- The origins that seed channel_rules names; another would be counted as channel `other` without a word.
unknown_origins as (

    select
        'olist' as source_system,
        'marketing_qualified_leads' as entity,
        'origin' as column_name,
        leads.origin as value,
        count(*) as row_count

    from leads
    left join rules
        on leads.origin = rules.origin
    where leads.origin is not null and rules.origin is null
    group by leads.origin

)

select * from unknown_origins
