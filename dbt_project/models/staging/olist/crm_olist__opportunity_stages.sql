{{ config(enabled=source_enabled("olist")) }}

with

opportunities as (

    select * from {{ ref("crm_olist__opportunities") }}

),

deals as (

    select * from {{ ref("stg_olist__closed_deals") }}

),

opened as (

    select
        concat(opportunity_id, ':opened') as opportunity_stage_id,
        opportunity_id,
        'Opened' as stage_name,
        created_at as entered_at,
        true as is_date_only,
        amount,
        close_date,
        cast(null as {{ sql_type("double") }}) as probability,
        false as is_closed,
        false as is_won

    from opportunities

),

won as (

    select
        concat(opportunities.opportunity_id, ':won') as opportunity_stage_id,
        opportunities.opportunity_id,
        'Won' as stage_name,
        deals.won_at as entered_at,
        false as is_date_only,
        opportunities.amount,
        opportunities.close_date,
        opportunities.probability,
        true as is_closed,
        true as is_won

    from opportunities
    inner join deals
        on opportunities.opportunity_id = deals.mql_id

),

entries as (

    select * from opened
    union all
    select * from won

),

mapped as (

    select
        'olist' as source_system,
        opportunity_stage_id,
        opportunity_id,
        stage_name,
        entered_at,
        is_date_only,
        amount,
        close_date,
        probability,
        is_closed,
        is_won

    from entries

)

select * from mapped
