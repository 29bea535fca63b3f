with compared as (
    select * from {{ ref("mart_model_comparison") }}
    where has_enough_data
),

per_channel as (
    select
        conversion_type,
        channel,
        count(*) as model_count,
        max(conversion_count) as conversion_count,
        min(credited_share) as lowest_share,
        max(credited_share) as highest_share,
        {{ percentile_of("credited_share", 0.5) }} as median_share,
        min(channel_rank_number) as best_rank_number,
        max(channel_rank_number) as worst_rank_number,
        min(credited_amount_reporting) as lowest_amount_reporting,
        max(credited_amount_reporting) as highest_amount_reporting,
        max(reporting_currency) as reporting_currency
    from compared
    group by conversion_type, channel
),

-- Of models that agree on the extreme the first by name is named, so that builds are alike.
named as (
    select
        per_channel.conversion_type,
        per_channel.channel,
        min(case when compared.credited_share = per_channel.lowest_share then compared.model_name end)
            as lowest_model_name,
        min(case when compared.credited_share = per_channel.highest_share then compared.model_name end)
            as highest_model_name
    from per_channel
    inner join compared
        on
            per_channel.conversion_type = compared.conversion_type
            and per_channel.channel = compared.channel
    group by per_channel.conversion_type, per_channel.channel
),

joined as (
    select
        per_channel.*,
        named.lowest_model_name,
        named.highest_model_name,
        per_channel.highest_share - per_channel.lowest_share as spread_share,
        {{ ratio("per_channel.highest_share - per_channel.lowest_share", "per_channel.median_share") }}
            as relative_spread,
        per_channel.worst_rank_number - per_channel.best_rank_number as rank_spread_count
    from per_channel
    inner join named
        on
            per_channel.conversion_type = named.conversion_type
            and per_channel.channel = named.channel
),

final as (
    select {{ contract_columns() }}
    from joined
)

select * from final
