-- How a lead reached sales is told by which came first. An opportunity counts in whatever cycle it came.
with entries as (
    select * from {{ ref("fct_stage_entries") }}
    where unit_type = 'person'
),

leads as (
    select
        unit_id as person_id,
        min(entered_at) as entered_at,
        min(entered_date) as lead_date,
        max(cycle_number) as cycle_count,
        min(case when stage = 'mql' and not is_inferred then entered_at end) as first_mql_at,
        min(case when stage = 'sal' and not is_inferred then entered_at end) as first_sal_at,
        min(case when stage in ('sal', 'sql', 'opportunity') then entered_at end) as first_with_sales_at,
        min(case when stage = 'opportunity' then entered_at end) as first_opportunity_at,
        min(case when stage = 'opportunity' then entered_date end) as first_opportunity_date,
        min_by(opportunity_id, entered_at) filter (where stage = 'opportunity') as first_opportunity_id,
        max(case when stage = 'won' then 1 else 0 end) = 1 as is_won,
        min(case when stage = 'disqualified' then entered_at end) as first_disqualified_at,
        min_by(account_id, entered_at) as account_id,
        min_by(lead_source, entered_at) as lead_source,
        min_by(owner_id, entered_at) as owner_id,
        min_by(team, entered_at) as team,
        min_by(industry, entered_at) as industry,
        min_by(company_size, entered_at) as company_size,
        min_by(region, entered_at) as region,
        min_by(account_segment, entered_at) as account_segment
    from entries
    group by unit_id
),

judged as (
    select
        *,
        case
            when first_with_sales_at is null and first_mql_at is null then 'not_handed_over'
            when first_with_sales_at is null then 'handed_over'
            when first_mql_at is null or first_mql_at > first_with_sales_at then 'direct_to_sales'
            when first_sal_at is null or first_sal_at > first_with_sales_at then 'acceptance_skipped'
            else 'accepted'
        end as handover_path,
        {{ calendar_days_between("lead_date", "first_opportunity_date") }} as days_to_opportunity,
        {{ add_days("lead_date", var("funnel_maturity_days")["opportunity"]) }} <= {{ business_date() }} as is_mature
    from leads
),

flagged as (
    select
        *,
        coalesce(days_to_opportunity <= {{ var("funnel_maturity_days")["opportunity"] }}, false)
            as is_opportunity_in_window
    from judged
),

final as (
    select {{ contract_columns() }}
    from flagged
)

select * from final
