{{ performance_by({"channel": "channel"}, {"channel": "channel"}) }},

channels as (
    select * from {{ ref("dim_channels") }}
),

named as (
    select
        performance.*,
        channels.channel_group
    from performance
    left join channels on performance.channel = channels.channel
),

final as (
    select {{ contract_columns() }}
    from named
)

select * from final
