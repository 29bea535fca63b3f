with credits as (
    select * from {{ ref("fct_credits") }}
),

credited as (
    select
        conversion_type,
        channel,
        model_name,
        {{ exact_sum("credit_share") }} as credited_count,
        sum(credited_amount_reporting) as credited_amount_reporting
    from credits
    group by conversion_type, channel, model_name
),

models as (
    select
        conversion_type,
        model_name,
        count(distinct conversion_id) as conversion_count,
        sum(credited_amount_reporting) as total_amount_reporting,
        min(case when credit_reason = 'not_enough_data' then 0 else 1 end) = 1 as has_enough_data
    from credits
    group by conversion_type, model_name
),

channels as (
    select distinct
        conversion_type,
        channel
    from credited
),

-- A channel that a model gives nothing has a row too: no credit is an opinion.
compared as (
    select
        models.conversion_type,
        channels.channel,
        models.model_name,
        models.has_enough_data,
        models.conversion_count,
        coalesce(credited.credited_count, 0) as credited_count,
        coalesce(credited.credited_count, 0) / models.conversion_count as credited_share,
        coalesce(credited.credited_amount_reporting, 0) as credited_amount_reporting,
        {{ ratio("coalesce(credited.credited_amount_reporting, 0)", "models.total_amount_reporting") }}
            as credited_amount_share
    from models
    inner join channels on models.conversion_type = channels.conversion_type
    left join credited
        on
            models.conversion_type = credited.conversion_type
            and models.model_name = credited.model_name
            and channels.channel = credited.channel
),

spread as (
    select
        conversion_type,
        channel,
        min(credited_share) as lowest_share,
        max(credited_share) as highest_share
    from compared
    where has_enough_data
    group by conversion_type, channel
),

-- The fit's own statement, which its interval is of, and the same corrected by experiments; the ledger's share is
-- another figure.
fits as (
    select
        model_name,
        conversion_type,
        channel,
        channel_credit_share,
        interval_low,
        interval_high
    from {{ ref("mart_model_fit_channels") }}
    where is_newest
    union all
    select
        model_name,
        conversion_type,
        channel,
        calibrated_share,
        calibrated_share_low,
        calibrated_share_high
    from {{ ref("mart_experiment_calibration") }}
),

ranked as (
    select
        compared.*,
        {{ model_goals("compared.model_name") }} as goals,
        '{{ var("reporting_currency") }}' as reporting_currency,
        rank() over (
            partition by compared.conversion_type, compared.model_name
            order by compared.credited_share desc
        ) as channel_rank_number,
        spread.lowest_share,
        spread.highest_share,
        spread.highest_share - spread.lowest_share as spread_share,
        fits.channel_credit_share,
        fits.interval_low as channel_credit_share_low,
        fits.interval_high as channel_credit_share_high
    from compared
    left join spread
        on
            compared.conversion_type = spread.conversion_type
            and compared.channel = spread.channel
    left join fits
        on
            compared.conversion_type = fits.conversion_type
            and compared.channel = fits.channel
            and compared.model_name = fits.model_name
),

final as (
    select {{ contract_columns() }}
    from ranked
)

select * from final
