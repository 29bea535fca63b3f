with journeys as (
    select * from {{ ref("fct_journey_paths") }}
),

counted as (
    select
        conversion_type,
        channel_path,
        max(step_count) as step_count,
        count(case when is_converted then 1 end) as conversion_count,
        count(case when not is_converted and outcome != 'open' then 1 end) as not_converted_count,
        count(case when not is_converted and outcome = 'open' then 1 end) as open_count,
        coalesce(sum(case when is_converted then amount_reporting end), 0) as amount_reporting,
        max(reporting_currency) as reporting_currency,
        {{ percentile_of('case when is_converted then touch_count end', 0.5) }} as median_touch_count,
        {{ percentile_of('case when is_converted then days_from_first_touch end', 0.5) }} as median_days_from_first_touch
    from journeys
    group by conversion_type, channel_path
),

ranked as (
    select
        counted.*,
        {{ ratio('conversion_count', 'sum(conversion_count) over (partition by conversion_type)') }} as share_of_conversions,
        {{ ratio('conversion_count', 'conversion_count + not_converted_count') }} as conversion_share,
        row_number() over (
            partition by conversion_type
            order by conversion_count desc, amount_reporting desc, channel_path asc
        ) as path_rank_number
    from counted
    where conversion_count > 0
),

final as (
    select {{ contract_columns() }}
    from ranked
)

select * from final
