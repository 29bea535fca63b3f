{{ config(enabled=source_enabled("olist")) }}

with

leads as (

    select * from {{ ref("stg_olist__marketing_qualified_leads") }}

),

deals as (

    select * from {{ ref("stg_olist__closed_deals") }}

),

-- A first contact is a day: it stands at the day's end, or at the win where that came the same day.
mapped as (

    select
        'olist' as source_system,
        leads.mql_id as person_id,
        'lead' as person_type,
        cast(null as {{ sql_type("string") }}) as account_id,
        cast(null as {{ sql_type("string") }}) as full_name,
        cast(null as {{ sql_type("string") }}) as email,
        cast(null as {{ sql_type("string") }}) as title,
        cast(null as {{ sql_type("string") }}) as company_name,
        cast(null as {{ sql_type("string") }}) as domain,
        leads.origin as lead_source,
        cast(null as {{ sql_type("string") }}) as self_reported_source,
        coalesce(deals.sr_id, deals.sdr_id) as owner_id,
        case
            when {{ local_date("deals.won_at") }} = leads.first_contact_on then deals.won_at
            else {{ end_of_day("leads.first_contact_on") }}
        end as created_at,
        case when deals.mql_id is null then 'Qualified' else 'Won' end as status,
        cast(null as {{ sql_type("double") }}) as score,
        cast(null as {{ sql_type("date") }}) as interest_date,
        cast(null as {{ sql_type("date") }}) as budget_date,
        cast(null as {{ sql_type("date") }}) as authority_date,
        cast(null as {{ sql_type("date") }}) as timeline_date,
        deals.mql_id is not null as is_converted,
        {{ local_date("deals.won_at") }} as converted_on,
        deals.seller_id as converted_account_id,
        cast(null as {{ sql_type("string") }}) as converted_person_id,
        deals.mql_id as converted_opportunity_id,
        cast(null as {{ sql_type("string") }}) as merged_into_person_id

    from leads
    left join deals
        on leads.mql_id = deals.mql_id

)

select * from mapped
