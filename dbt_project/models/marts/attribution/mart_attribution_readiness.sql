{%- set limits = var("attribution_readiness") -%}
{%- set data_driven = limits["data_driven_model"] -%}
with journeys as (
    select * from {{ ref("fct_journey_paths") }}
),

goals as (
    {%- set rows = [] -%}
    {%- for conversion_type, goal in var("conversion_goals").items() -%}
        {%- set name = (var("model_goals") or {}).get(goal) -%}
        {%- set named = "'" ~ name ~ "'" if name else "cast(null as " ~ sql_type("string") ~ ")" -%}
        {%- do rows.append(["'" ~ conversion_type ~ "'", "'" ~ goal ~ "'", named]) -%}
    {%- endfor %}
    {{ value_rows(["conversion_type", "goal", "goal_model_name"], rows) }}
),

measured as (
    select
        conversion_type,
        count(case when is_converted then 1 end) as conversion_count,
        count(case when not is_converted then 1 end) as not_converted_count,
        count(case when outcome = 'open' then 1 end) as open_count,
        count(case when is_converted and touch_count = 0 then 1 end) as unattributed_count,
        count(case when is_converted and touch_count = 1 then 1 end) as single_touch_count,
        coalesce(sum(case when is_converted then touch_count end), 0) as touch_count,
        {{ ratio("sum(case when is_converted then touch_count end)", "count(case when is_converted then 1 end)") }}
            as mean_touch_count,
        {{ percentile_of("case when is_converted then touch_count end", 0.5) }} as median_touch_count,
        {{ percentile_of("case when is_converted then channel_count end", 0.5) }} as median_channel_count,
        {{ percentile_of("case when is_converted then days_from_first_touch end", 0.5) }} as median_cycle_days,
        {{ percentile_of("case when is_converted then days_from_first_touch end", 0.9) }} as p90_cycle_days
    from journeys
    group by conversion_type
),

channels as (
    select
        conversion_type,
        count(distinct channel) as channel_count
    from {{ ref("fct_journey_touches") }}
    where is_converted
    group by conversion_type
),

touched_accounts as (
    select distinct account_id
    from {{ ref("fct_touches") }}
    where account_id is not null
),

at_risk as (
    select
        risk.conversion_type,
        count(*) as at_risk_account_count,
        count(case when not risk.is_converted then 1 end) as not_converted_account_count,
        count(case when touched_accounts.account_id is null then 1 end) as untouched_account_count
    from {{ ref("fct_accounts_at_risk") }} as risk
    left join touched_accounts on risk.account_id = touched_accounts.account_id
    group by risk.conversion_type
),

shares as (
    select
        measured.*,
        goals.goal,
        goals.goal_model_name,
        coalesce(channels.channel_count, 0) as channel_count,
        coalesce(at_risk.at_risk_account_count, 0) as at_risk_account_count,
        coalesce(at_risk.not_converted_account_count, 0) as not_converted_account_count,
        coalesce(at_risk.untouched_account_count, 0) as untouched_account_count,
        {{ ratio("measured.unattributed_count", "measured.conversion_count") }} as unattributed_share,
        {{ ratio("measured.single_touch_count", "measured.conversion_count") }} as single_touch_share,
        {{ ratio("measured.conversion_count", "channels.channel_count") }} as conversions_per_channel
    from measured
    left join channels on measured.conversion_type = channels.conversion_type
    left join at_risk on measured.conversion_type = at_risk.conversion_type
    left join goals on measured.conversion_type = goals.conversion_type
),

judged as (
    select
        *,
        case
            when conversion_count < {{ limits["least_conversions"] }} then 'too_few_conversions'
            when unattributed_share > {{ limits["most_unattributed_share"] }} then 'touches_not_recorded'
            when single_touch_share > {{ limits["most_single_touch_share"] }} then 'single_touch_journeys'
            when
                channel_count > 1
                and conversion_count >= {{ limits["data_driven_conversions"] }}
                and not_converted_count >= {{ limits["data_driven_not_converted"] }}
                and conversions_per_channel >= {{ limits["data_driven_conversions_per_channel"] }}
                then 'enough_for_data_driven'
            when median_touch_count >= {{ limits["long_journey_touches"] }} then 'long_journeys'
            else 'short_journeys'
        end as suggestion_basis
    from shares
),

suggested as (
    select
        *,
        suggestion_basis = 'enough_for_data_driven' as has_enough_for_data_driven,
        case suggestion_basis
            when 'single_touch_journeys' then 'last_touch'
            when 'enough_for_data_driven' then '{{ data_driven }}'
            when 'short_journeys' then 'linear'
            else coalesce(goal_model_name, 'linear')
        end as suggested_model_name,
        {{ readiness_reason() }} as suggestion_reason
    from judged
),

final as (
    select {{ contract_columns() }}
    from suggested
)

select * from final
