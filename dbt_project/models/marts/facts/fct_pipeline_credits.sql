with credits as (
    select * from {{ ref("fct_credits") }}
),

opportunities as (
    select * from {{ ref("fct_opportunities") }}
),

open_credits as (
    select
        credits.*,
        opportunities.stage_name,
        opportunities.probability,
        opportunities.forecast_category,
        opportunities.close_date as expected_close_date
    from credits
    inner join opportunities on credits.opportunity_id = opportunities.opportunity_id
    where credits.amount_kind = 'open_pipeline'
),

final as (
    select {{ contract_columns() }}
    from open_credits
)

select * from final
