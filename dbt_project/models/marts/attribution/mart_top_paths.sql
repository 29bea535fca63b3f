with journeys as (
    select * from {{ ref("fct_journey_paths") }}
),

formed as (
    select
        journeys.*,
        'steps' as path_form,
        journeys.channel_path as path_text,
        journeys.step_count as path_step_count
    from journeys
    union all
    select
        journeys.*,
        'first_appearances' as path_form,
        journeys.short_path as path_text,
        journeys.channel_count as path_step_count
    from journeys
),

counted as (
    select
        conversion_type,
        path_form,
        path_text as channel_path,
        max(path_step_count) as step_count,
        count(case when is_converted then 1 end) as conversion_count,
        count(case when not is_converted and outcome != 'open' then 1 end) as not_converted_count,
        count(case when not is_converted and outcome = 'open' then 1 end) as open_count,
        coalesce(sum(case when is_converted then amount_reporting end), 0) as amount_reporting,
        max(reporting_currency) as reporting_currency,
        {{ percentile_of("case when is_converted then touch_count end", 0.5) }} as median_touch_count,
        {{ percentile_of("case when is_converted then days_from_first_touch end", 0.5) }}
            as median_days_from_first_touch
    from formed
    group by conversion_type, path_form, path_text
),

ranked as (
    select
        *,
        {{ ratio("conversion_count", "sum(conversion_count) over (partition by conversion_type, path_form)") }}
            as share_of_conversions,
        {{ ratio("conversion_count", "conversion_count + not_converted_count") }} as conversion_share,
        row_number() over (
            partition by conversion_type, path_form
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
