-- Sourced: the first touch of the journey to the opportunity was marketing's. Influenced: some touch of it was. What
-- led to the close is told by the journey to the win where there is one.
with touches as (
    select
        journeys.opportunity_id,
        journeys.conversion_type,
        touches.touch_number,
        touches.is_marketing,
        touches.channel
    from {{ ref("fct_journeys") }} as journeys
    inner join {{ ref("fct_journey_touches") }} as touches on journeys.journey_id = touches.journey_id
    where journeys.opportunity_id is not null and journeys.conversion_type in ('opportunity', 'won')
),

counted as (
    select
        opportunity_id,
        max(case when conversion_type = 'opportunity' and touch_number = 1 then channel end) as first_touch_channel,
        max(case
            when conversion_type = 'opportunity' and touch_number = 1 then case when is_marketing then 1 else 0 end
        end) as is_first_marketing,
        count(case when conversion_type = 'opportunity' and is_marketing then 1 end) as marketing_touch_count,
        count(case when conversion_type = 'opportunity' and not is_marketing then 1 end) as sales_touch_count,
        count(case when is_marketing then 1 end) as marketing_count,
        count(case when not is_marketing then 1 end) as sales_count
    from touches
    group by opportunity_id
),

origins as (
    select
        members.opportunity_id,
        min(people.self_reported_source) as self_reported_source
    from {{ ref("int_opportunity_people") }} as members
    inner join {{ ref("int_people_resolved") }} as people on members.person_id = people.person_id
    where members.is_origin
    group by members.opportunity_id
),

told as (
    select
        opportunities.*,
        counted.first_touch_channel,
        coalesce(counted.marketing_touch_count, 0) as marketing_touch_count,
        coalesce(counted.sales_touch_count, 0) as sales_touch_count,
        origins.self_reported_source,
        case counted.is_first_marketing
            when 1 then 'marketing'
            when 0 then 'sales'
            else 'unknown'
        end as sourced_by,
        coalesce(counted.marketing_touch_count, 0) > 0 as is_marketing_influenced,
        case
            when counted.marketing_count > 0 and counted.sales_count > 0 then 'both'
            when counted.marketing_count > 0 then 'marketing'
            when counted.sales_count > 0 then 'sales'
            else 'neither'
        end as attributed_to
    from {{ ref("fct_opportunities") }} as opportunities
    left join counted on opportunities.opportunity_id = counted.opportunity_id
    left join origins on opportunities.opportunity_id = origins.opportunity_id
),

final as (
    select {{ contract_columns() }}
    from told
)

select * from final
