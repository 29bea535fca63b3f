{{ performance_by(
    {'campaign_id': "case when credit_kind = 'touch' then coalesce(campaign_id, 'no_campaign') else credit_kind end"},
    {'campaign_id': "coalesce(campaign_id, 'no_campaign')"}
) }},

campaigns as (
    select * from {{ ref("dim_campaigns") }}
),

named as (
    select
        performance.*,
        campaigns.campaign_name,
        campaigns.campaign_type,
        campaigns.parent_campaign_id
    from performance
    left join campaigns on performance.campaign_id = campaigns.campaign_id
),

final as (
    select {{ contract_columns() }}
    from named
)

select * from final
