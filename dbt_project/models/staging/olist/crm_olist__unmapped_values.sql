{{ config(enabled=source_enabled("olist")) }}

with

leads as (

    select * from {{ ref("stg_olist__marketing_qualified_leads") }}

),

-- The origins that seed channel_rules names; another would be counted as channel `other` without a word.
unknown_origins as (

    select
        'olist' as source_system,
        'marketing_qualified_leads' as entity,
        'origin' as column_name,
        origin as value,
        count(*) as row_count

    from leads
    where
        origin is not null
        and origin not in (
            select channel_hint from {{ ref("channel_rules") }}
            where touch_kind = 'first_contact' and channel_hint is not null
        )
    group by origin

)

select * from unknown_origins
