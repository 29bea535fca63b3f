with

spend as (

    select
        *,
        {{ generate_surrogate_key(["channel_hint"]) }} as combination_id

    from {{ ref("int_spend_unioned") }}

),

channels as (

    select * from {{ ref("channels") }}

),

combinations as (

    select distinct
        combination_id,
        'spend' as touch_kind,
        channel_hint,
        cast(null as {{ sql_type("string") }}) as utm_source,
        cast(null as {{ sql_type("string") }}) as utm_medium,
        cast(null as {{ sql_type("string") }}) as utm_campaign,
        cast(null as {{ sql_type("string") }}) as referrer_domain,
        false as has_click_id

    from spend
    where channel_hint is not null

),

rules as (

    {{ first_channel_rule("combinations") }}

),

-- Finance may name the channel itself; a cost that names none (salaries, tools) is on no channel.
classified as (

    select
        spend.*,
        case
            when spend.channel_hint is not null then coalesce(named.channel, rules.channel, 'other')
        end as channel

    from spend
    left join channels as named
        on lower(trim(spend.channel_hint)) = named.channel
    left join rules
        on spend.combination_id = rules.combination_id

),

final as (

    select
        {{ canonical_list("spend", "classified") }},
        classified.channel,
        channels.channel_group

    from classified
    left join channels
        on classified.channel = channels.channel

)

select * from final
