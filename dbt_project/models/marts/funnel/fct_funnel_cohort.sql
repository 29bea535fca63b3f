with progress as (
    select * from {{ ref("fct_funnel_progress") }}
),

segments as (
    {{ segment_types(person_segments()) }}
),

segmented as (
    select
        progress.*,
        cast(date_trunc('month', progress.entered_date) as date) as cohort_month,
        {{ segment_columns("progress", person_segments()) }}
    from progress
    cross join segments
),

counted as (
    select
        cohort_month,
        from_stage,
        to_stage,
        segment_type,
        segment_value,
        max(maturity_days) as maturity_days,
        count(*) as entered_count,
        count(case when is_converted then 1 end) as converted_count,
        count(case when is_converted_in_window then 1 end) as converted_in_window_count,
        {{ percentile_of("days_to_convert", 0.5) }} as median_days_to_convert
    from segmented
    group by cohort_month, from_stage, to_stage, segment_type, segment_value
),

-- The youngest member of a cohort entered on the last day of its month.
matured as (
    select
        *,
        {{ add_days(dbt.dateadd("month", 1, "cohort_month"), "maturity_days - 1") }} <= {{ business_date() }}
            as is_mature
    from counted
),

rated as (
    select
        *,
        case when is_mature then {{ ratio("converted_count", "entered_count") }} end as conversion_share,
        case when is_mature then {{ ratio("converted_in_window_count", "entered_count") }} end
            as window_conversion_share
    from matured
),

final as (
    select {{ contract_columns() }}
    from rated
)

select * from final
