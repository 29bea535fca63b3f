with journeys as (
    select * from {{ ref("fct_journey_paths") }}
    where is_converted
),

segments as (
    {{ segment_types(["opportunity_type", "first_channel"]) }}
),

conversions as (
    select
        journeys.*,
        cast(date_trunc('month', journeys.reporting_date) as date) as month_start,
        {{ segment_columns("journeys", {"opportunity_type": "opportunity_type", "first_channel": "first_channel"}) }}
    from journeys
    cross join segments
),

measured as (
    select
        conversion_type,
        month_start,
        segment_type,
        segment_value,
        count(*) as conversion_count,
        count(case when touch_count = 0 then 1 end) as untouched_count,
        count(case when touch_count = 1 then 1 end) as single_touch_count,
        {{ ratio("sum(touch_count)", "count(*)") }} as mean_touch_count,
        {{ percentile_of("touch_count", 0.5) }} as median_touch_count,
        {{ percentile_of("touch_count", 0.9) }} as p90_touch_count,
        {{ percentile_of("channel_count", 0.5) }} as median_channel_count,
        {{ percentile_of("person_count", 0.5) }} as median_person_count,
        {{ exact_sum("days_from_first_touch") }} / nullif(count(days_from_first_touch), 0)
            as mean_days_from_first_touch,
        {{ percentile_of("days_from_first_touch", 0.5) }} as median_days_from_first_touch,
        {{ percentile_of("days_from_first_touch", 0.9) }} as p90_days_from_first_touch,
        {{ percentile_of("days_from_lead_created", 0.5) }} as median_days_from_lead_created,
        {{ percentile_of("days_from_lead_created", 0.9) }} as p90_days_from_lead_created
    from conversions
    group by conversion_type, month_start, segment_type, segment_value
),

final as (
    select {{ contract_columns() }}
    from measured
)

select * from final
