{%- set grains = ["month", "quarter", "fiscal_quarter", "fiscal_year"] -%}
{%- set deal_measures = {
    "won_amount": "case when events.opportunity_status = 'won' then events.amount_reporting else 0 end",
    "open_amount": "case when events.opportunity_status = 'open' then events.amount_reporting else 0 end",
    "deal_count": "1",
} -%}
-- Quotas count in the periods that hold all of their own; deals on their close date, expected or actual. A manager's
-- quota for the team stands against the deals of all below, in segment `manager_rollup` only: managers of managers hold
-- the same deals again.
with quotas as (
    select * from {{ ref("fct_quotas") }}
),

opportunities as (
    select * from {{ ref("fct_opportunities") }}
    where opportunity_status in ('won', 'open')
),

team_members as (
    {{ users_of_managers() }}
),

rollup_managers as (
    select distinct owner_id from quotas
    where is_rollup
),

team_opportunities as (
    select
        opportunities.*,
        rollup_managers.owner_id as rollup_manager_id
    from opportunities
    inner join team_members on opportunities.owner_id = team_members.user_id
    inner join rollup_managers on team_members.manager_id = rollup_managers.owner_id
),

quota_cells as (
    {{ kpi_cells(
        "quotas", "period_start_date", plan_segments(),
        ["owner_id", "is_rollup", "period_start_date", "period_end_date", "amount_reporting"], grains
    ) }}
),

counting as (
    {{ plans_that_count("quota_cells") }}
),

quota_sums as (
    select
        {{ kpi_cell_columns() }},
        max(period_end) as period_end,
        sum(amount_reporting) as quota_amount
    from counting
    group by {{ kpi_cell_columns() }}
),

deals as (
    {{ kpi_sums(
        "opportunities", "close_date", {"owner": "owner_id", "team": "team", "manager": "manager_id"}, deal_measures, grains
    ) }}
),

team_deals as (
    {{ kpi_sums("team_opportunities", "close_date", {"manager_rollup": "rollup_manager_id"}, deal_measures, grains) }}
),

deal_sums as (
    select * from deals
    union all
    select * from team_deals
    where segment_type = 'manager_rollup'
),

measured as (
    select
        quota_sums.period_grain,
        quota_sums.period_start,
        quota_sums.segment_type,
        quota_sums.segment_value,
        quota_sums.period_end,
        quota_sums.quota_amount,
        coalesce(deal_sums.won_amount, 0) as won_amount,
        coalesce(deal_sums.open_amount, 0) as open_amount,
        quota_sums.quota_amount - coalesce(deal_sums.won_amount, 0) as remaining_amount,
        coalesce(deal_sums.deal_count, 0) as deal_count
    from quota_sums
    left join deal_sums
        on
            quota_sums.period_grain = deal_sums.period_grain
            and quota_sums.period_start = deal_sums.period_start
            and quota_sums.segment_type = deal_sums.segment_type
            and quota_sums.segment_value = deal_sums.segment_value
    where quota_sums.period_start <= {{ business_date() }}
),

{{ kpi_figures("measured", [
    {
        "kpi": "pipeline_coverage", "only": "period_end >= " ~ business_date(),
        "numerator": "open_amount", "denominator": "remaining_amount", "n": "deal_count",
    },
    {"kpi": "quota_attainment", "numerator": "won_amount", "denominator": "quota_amount", "n": "deal_count"},
]) }}

select * from final
