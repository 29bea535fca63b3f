with

touches as (

    select
        *,
        click_id is not null as has_click_id,
        {{ generate_surrogate_key([
            "touch_kind", "channel_hint", "utm_source", "utm_medium", "utm_campaign", "referrer_domain",
            "click_id is not null",
        ]) }} as combination_id

    from {{ ref("int_touchpoints_unioned") }}

),

combinations as (

    select distinct
        combination_id,
        touch_kind,
        channel_hint,
        utm_source,
        utm_medium,
        utm_campaign,
        referrer_domain,
        has_click_id

    from touches

),

rules as (

    {{ first_channel_rule("combinations") }}

),

classified as (

    select
        touches.*,
        coalesce(rules.channel, touch_kinds.default_channel, 'other') as channel,
        rules.rule_priority,
        coalesce(touch_kinds.is_admitted, false) and not touches.is_excluded as is_admitted,
        coalesce(touch_kinds.is_offline, false) as is_offline_kind,
        coalesce(touch_kinds.is_marketing, false) as is_marketing

    from touches
    left join rules
        on touches.combination_id = rules.combination_id
    left join {{ ref("touch_kinds") }} as touch_kinds
        on touches.touch_kind = touch_kinds.touch_kind

),

final as (

    select
        {{ canonical_list("touchpoints", "classified") }},
        classified.source_precedence,
        classified.channel,
        channels.channel_group,
        classified.rule_priority as channel_rule_priority,
        classified.is_admitted,
        coalesce(channels.is_direct, false) as is_direct,
        classified.is_offline_kind and coalesce(channels.is_offline, false) as is_offline,
        classified.is_marketing

    from classified
    left join {{ ref("channels") }} as channels
        on classified.channel = channels.channel

)

select * from final
