with opportunities as (
    select * from {{ ref("int_opportunities") }}
),

-- A won opportunity is worth its amount at the rate of its win, any other at the rate of its creation.
journeys as (
    select
        opportunity_id,
        min(lead_created_at) as lead_created_at,
        max(case when conversion_type = 'opportunity' then touch_count end) as touch_count,
        coalesce(
            max(case when conversion_type = 'won' and is_converted then exchange_rate end),
            max(case when conversion_type = 'opportunity' then exchange_rate end)
        ) as exchange_rate,
        coalesce(
            max(case when conversion_type = 'won' and is_converted then exchange_rate_date end),
            max(case when conversion_type = 'opportunity' then exchange_rate_date end)
        ) as exchange_rate_date,
        coalesce(
            max(case when conversion_type = 'won' and is_converted then amount_reporting end),
            max(case when conversion_type = 'opportunity' then amount_reporting end)
        ) as amount_reporting
    from {{ ref("fct_journeys") }}
    where opportunity_id is not null and conversion_type in ('opportunity', 'won')
    group by opportunity_id
),

accounts as (
    select * from {{ ref("dim_accounts") }}
),

users as (
    select * from {{ ref("dim_users") }}
),

sources as (
    select
        opportunity_id,
        max(channel) as source_channel
    from (
        select
            journeys.opportunity_id,
            touches.channel
        from {{ ref("fct_journeys") }} as journeys
        inner join {{ ref("fct_journey_touches") }} as touches on journeys.journey_id = touches.journey_id
        where journeys.conversion_type = 'opportunity' and journeys.opportunity_id is not null and touches.is_first
    ) as first_touches
    group by opportunity_id
),

-- One product an opportunity, its dearest, so that segments add up; kpi_product_performance looks at every line.
products as (
    select
        opportunity_id,
        product_id as main_product_id
    from (
        select
            *,
            row_number() over (
                partition by opportunity_id order by total_amount desc, product_id asc
            ) as place_number
        from (
            select
                opportunity_id,
                product_id,
                sum(total_amount) as total_amount
            from {{ ref("int_crm_opportunity_lines") }}
            group by opportunity_id, product_id
        ) as summed
    ) as ranked
    where place_number = 1
),

-- The first contact is looked for beyond the journey too: a record that says it came after the win must be seen.
people as (
    select
        members.opportunity_id,
        count(distinct members.person_id) as buying_group_count,
        min(people.created_at) as first_contact_at
    from {{ ref("int_opportunity_people") }} as members
    left join {{ ref("int_people_resolved") }} as people on members.person_id = people.person_id
    group by members.opportunity_id
),

joined as (
    select
        opportunities.*,
        opportunities.status as opportunity_status,
        accounts.industry,
        accounts.region,
        accounts.segment as account_segment,
        accounts.company_size,
        users.team,
        users.manager_id,
        sources.source_channel,
        products.main_product_id,
        shells.opportunity_id is not null as is_shell,
        coalesce(people.first_contact_at, journeys.lead_created_at) as first_contact_at,
        {{ local_date("coalesce(people.first_contact_at, journeys.lead_created_at)") }} as first_contact_date,
        {{ local_date("opportunities.opportunity_created_at") }} as created_date,
        journeys.exchange_rate,
        journeys.exchange_rate_date,
        journeys.amount_reporting,
        '{{ var("reporting_currency") }}' as reporting_currency,
        coalesce(journeys.touch_count, 0) as touch_count,
        coalesce(people.buying_group_count, 0) as buying_group_count
    from opportunities
    left join journeys on opportunities.opportunity_id = journeys.opportunity_id
    left join accounts on opportunities.account_id = accounts.account_id
    left join users on opportunities.owner_id = users.user_id
    left join sources on opportunities.opportunity_id = sources.opportunity_id
    left join products on opportunities.opportunity_id = products.opportunity_id
    left join people on opportunities.opportunity_id = people.opportunity_id
    left join {{ ref("int_opportunity_shells") }} as shells on opportunities.opportunity_id = shells.opportunity_id
),

-- Close dates are days, so durations to them are whole calendar days.
timed as (
    select
        *,
        case when opportunity_status != 'open' then {{ calendar_days_between("first_contact_date", "close_date") }} end
            as days_from_first_contact_to_close,
        case when opportunity_status != 'open' then {{ calendar_days_between("created_date", "close_date") }} end
            as days_from_creation_to_close
    from joined
),

judged as (
    select
        *,
        {{ add_days("created_date", var("funnel_maturity_days")["won"]) }} <= {{ business_date() }} as is_mature,
        opportunity_status = 'won' and days_from_creation_to_close <= {{ var("funnel_maturity_days")["won"] }}
            as is_won_in_window
    from timed
),

final as (
    select
        {{ contract_columns({"created_at": "opportunity_created_at"}) }}
    from judged
)

select * from final
