{%- set segments = dict(opportunity_segments(), stage="stage_name") -%}
-- A stock. A night that was run is read from its frozen snapshot, so that later edits do not change it. Of days before
-- the first night, or between nights, the CRM's history tells: what begins on a day is added, what ends on it taken
-- away, and the running total of a period's last day is the period's. A period that is not over has the business
-- date's.
with opportunities as (
    select * from {{ ref("fct_opportunities") }}
),

period_ends as (
    select distinct
        period_grain,
        period_start,
        least(period_end, {{ business_date() }}) as as_of_date
    from {{ ref("dim_date_periods") }}
    where
        period_grain in ('week', 'month', 'quarter', 'fiscal_quarter', 'fiscal_year', 'all_time')
        and period_start <= {{ business_date() }}
),

end_dates as (
    select distinct as_of_date from period_ends
),

-- What a snapshot does not hold is the opportunity's as it is tonight.
frozen as (
    select
        snapshots.snapshot_date,
        snapshots.owner_id,
        snapshots.team,
        snapshots.opportunity_type,
        snapshots.stage_name,
        snapshots.amount_reporting,
        snapshots.weighted_amount_reporting,
        opportunities.manager_id,
        opportunities.lead_source,
        opportunities.source_channel,
        opportunities.main_product_id,
        opportunities.industry,
        opportunities.company_size,
        opportunities.region,
        opportunities.account_segment
    from {{ ref("fct_pipeline_snapshot_daily") }} as snapshots
    inner join end_dates on snapshots.snapshot_date = end_dates.as_of_date
    left join opportunities on snapshots.opportunity_id = opportunities.opportunity_id
),

frozen_days as (
    {{ kpi_daily_sums("frozen", "snapshot_date", segments, {
        "amount": "coalesce(events.amount_reporting, 0)",
        "weighted_amount": "coalesce(events.weighted_amount_reporting, 0)",
        "deal_count": "1",
    }) }}
),

spans as (
    select
        spans.*,
        {{ opportunity_segments().values() | join(", ") }}
    from {{ ref("fct_pipeline_periods") }} as spans
    inner join opportunities on spans.opportunity_id = opportunities.opportunity_id
),

changes as (
    select
        valid_from_date as change_date,
        1 as sign,
        spans.*
    from spans
    union all
    select
        valid_until_date as change_date,
        -1 as sign,
        spans.*
    from spans
    where valid_until_date is not null
),

daily as (
    {{ kpi_daily_sums("changes", "change_date", segments, {
        "amount": "events.sign * events.amount_reporting",
        "weighted_amount": "events.sign * events.weighted_amount_reporting",
        "deal_count": "events.sign",
    }) }}
),

running as (
    select
        date_day,
        segment_type,
        segment_value,
        {%- for measure in ["amount", "weighted_amount", "deal_count"] %}
            sum({{ measure }}) over (
                partition by segment_type, segment_value
                order by date_day
                rows between unbounded preceding and current row
            ) as {{ measure }},
        {%- endfor %}
        lead(date_day) over (partition by segment_type, segment_value order by date_day) as next_date
    from daily
),

nights as (
    select distinct snapshot_date from frozen
),

periods as (
    select
        period_ends.*,
        nights.snapshot_date is not null as is_frozen
    from period_ends
    left join nights on period_ends.as_of_date = nights.snapshot_date
),

measured as (
    select
        periods.period_grain,
        periods.period_start,
        frozen_days.segment_type,
        frozen_days.segment_value,
        frozen_days.amount,
        frozen_days.weighted_amount,
        frozen_days.deal_count
    from periods
    inner join frozen_days on periods.as_of_date = frozen_days.date_day
    where periods.is_frozen
    union all
    select
        periods.period_grain,
        periods.period_start,
        running.segment_type,
        running.segment_value,
        running.amount,
        running.weighted_amount,
        running.deal_count
    from periods
    inner join running
        on
            periods.as_of_date >= running.date_day
            and (running.next_date is null or periods.as_of_date < running.next_date)
    where not periods.is_frozen and running.deal_count > 0
),

{{ kpi_figures("measured", [
    {"kpi": "pipeline_amount", "kind": "sum", "value": "amount", "numerator": "amount", "n": "deal_count"},
    {
        "kpi": "pipeline_weighted_amount", "kind": "sum", "value": "weighted_amount",
        "numerator": "weighted_amount", "n": "deal_count",
    },
    {"kpi": "pipeline_count", "kind": "count", "value": "deal_count", "numerator": "deal_count", "n": "deal_count"},
]) }}

select * from final
