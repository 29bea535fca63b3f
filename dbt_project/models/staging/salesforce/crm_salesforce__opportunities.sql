{{ config(enabled=source_enabled("salesforce")) }}

with

opportunities as (

    select * from {{ ref("stg_salesforce__opportunities") }}

),

-- Salesforce keeps the amount of a deal with lines at their sum; an export may carry the lines only.
line_totals as (

    select
        opportunity_id,
        sum(total_amount) as total_amount

    from {{ ref("stg_salesforce__opportunity_line_items") }}
    group by opportunity_id

),

priced as (

    select
        opportunities.*,
        coalesce(opportunities.amount, line_totals.total_amount) as amount_or_lines

    from opportunities
    left join line_totals
        on opportunities.opportunity_id = line_totals.opportunity_id

),

mapped as (

    select
        'salesforce' as source_system,
        opportunity_id,
        account_id,
        opportunity_name,
        case lower(trim(opportunity_type))
            when 'new business' then 'new_business'
            when 'new customer' then 'new_business'
            when 'expansion' then 'expansion'
            when 'existing business' then 'expansion'
            when 'renewal' then 'renewal'
        end as opportunity_type,
        stage_name,
        amount_or_lines as amount,
        upper(currency) as currency,
        probability,
        forecast_category,
        close_date,
        is_closed,
        is_won,
        loss_reason,
        lead_source,
        campaign_id,
        owner_id,
        created_at

    from priced

)

select * from mapped
