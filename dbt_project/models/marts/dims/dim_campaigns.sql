-- Ad platforms and email tools run campaigns that the CRM does not know: every campaign that a touch or a cost names
-- has a row, the CRM's own words about it winning.
with crm_campaigns as (
    select
        campaign_id,
        source_system,
        campaign_name,
        campaign_type,
        parent_campaign_id,
        start_date,
        end_date
    from {{ ref("int_crm_campaigns") }}
),

seen as (
    select
        campaign_id,
        source_system,
        campaign_name
    from {{ ref("int_touches") }}
    where campaign_id is not null
    union all
    select
        campaign_id,
        source_system,
        campaign_name
    from {{ ref("int_spend_classified") }}
    where campaign_id is not null
),

seen_once as (
    select
        campaign_id,
        min(source_system) as source_system,
        min(campaign_name) as campaign_name
    from seen
    group by campaign_id
),

campaigns as (
    select
        coalesce(crm_campaigns.campaign_id, seen_once.campaign_id) as campaign_id,
        coalesce(crm_campaigns.source_system, seen_once.source_system) as source_system,
        coalesce(crm_campaigns.campaign_name, seen_once.campaign_name) as campaign_name,
        crm_campaigns.campaign_type,
        crm_campaigns.parent_campaign_id,
        crm_campaigns.start_date,
        crm_campaigns.end_date,
        crm_campaigns.campaign_id is not null as is_in_crm
    from crm_campaigns
    full outer join seen_once on crm_campaigns.campaign_id = seen_once.campaign_id
),

-- What stands for the campaign of credit and cost that have none, so that reports may join without losing rows.
members as (
    select
        'no_campaign' as campaign_id,
        'No campaign' as campaign_name
    union all
    select
        'unattributed' as campaign_id,
        'Unattributed' as campaign_name
    union all
    select
        'baseline' as campaign_id,
        'Baseline' as campaign_name
),

unioned as (
    select * from campaigns
    union all
    select
        campaign_id,
        null as source_system,
        campaign_name,
        null as campaign_type,
        null as parent_campaign_id,
        null as start_date,
        null as end_date,
        false as is_in_crm
    from members
),

final as (
    select {{ contract_columns() }}
    from unioned
)

select * from final
