{{ config(enabled=source_enabled("olist")) }}

with

deals as (

    select * from {{ ref("stg_olist__closed_deals") }}

),

leads as (

    select * from {{ ref("stg_olist__marketing_qualified_leads") }}

),

-- Nothing delivers when a deal was opened: it is the end of the first contact's day, and never after the win.
mapped as (

    select
        'olist' as source_system,
        deals.mql_id as opportunity_id,
        deals.seller_id as account_id,
        cast(null as {{ sql_type("string") }}) as opportunity_name,
        'new_business' as opportunity_type,
        'Won' as stage_name,
        deals.declared_monthly_revenue as amount,
        'BRL' as currency,
        1e2 as probability,
        cast(null as {{ sql_type("string") }}) as forecast_category,
        {{ local_date("deals.won_at") }} as close_date,
        true as is_closed,
        true as is_won,
        cast(null as {{ sql_type("string") }}) as loss_reason,
        leads.origin as lead_source,
        cast(null as {{ sql_type("string") }}) as campaign_id,
        coalesce(deals.sr_id, deals.sdr_id) as owner_id,
        case
            when {{ end_of_day("leads.first_contact_on") }} < deals.won_at
                then {{ end_of_day("leads.first_contact_on") }}
            else deals.won_at
        end as created_at,
        coalesce(leads.first_contact_on > {{ local_date("deals.won_at") }}, false) as is_won_before_contact

    from deals
    left join leads
        on deals.mql_id = leads.mql_id

)

select * from mapped
