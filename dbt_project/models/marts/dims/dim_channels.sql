with channels as (
    select * from {{ ref("channels") }}
),

-- What stands for the channel of credit and cost that have none, so that reports may join without losing rows.
members as (
    select
        'unattributed' as channel,
        'Conversions without a touch, or whose model had not enough data' as description
    union all
    select
        'baseline' as channel,
        'Conversions that would have come without marketing, by a model that can tell' as description
    union all
    select
        'unallocated' as channel,
        'Costs of no single channel, such as salaries and tools' as description
),

unioned as (
    select
        channel,
        channel_group,
        is_direct,
        is_offline,
        true as is_channel,
        description
    from channels
    union all
    select
        channel,
        'none' as channel_group,
        false as is_direct,
        false as is_offline,
        false as is_channel,
        description
    from members
),

final as (
    select {{ contract_columns() }}
    from unioned
)

select * from final
