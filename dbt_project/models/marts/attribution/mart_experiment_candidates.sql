-- The same sum as pipeline.attribution.experiments.expected_gain, with its constants.
{%- set least_spread, planned_error, interval_deviations = 0.2, 0.1, 1.6449 %}

with keeping_baseline as (
    select distinct model_name
    from {{ ref("fct_credits") }}
    where credit_kind = 'baseline'
),

fits as (
    select
        fits.fit_number,
        fits.model_name,
        fits.conversion_type,
        fits.conversion_count
    from {{ ref("mart_model_fits") }} as fits
    inner join keeping_baseline on fits.model_name = keeping_baseline.model_name
    where fits.is_newest and fits.status = 'fitted'
),

corrected_names as (
    select distinct
        model_name,
        calibrated_model_name
    from {{ source("attribution", "calibrations") }}
),

calibrations as (
    select
        corrected_names.model_name,
        calibrations.conversion_type,
        calibrations.channel,
        calibrations.basis,
        calibrations.calibrated_share,
        calibrations.calibrated_share_low,
        calibrations.calibrated_share_high
    from {{ ref("mart_experiment_calibration") }} as calibrations
    inner join corrected_names on calibrations.model_name = corrected_names.calibrated_model_name
),

credited as (
    select
        fits.model_name,
        fits.conversion_type,
        fits.conversion_count,
        channels.channel,
        case when calibrations.basis = 'tested' then 'tested' else 'not_tested' end as basis,
        case when calibrations.channel is null then channels.channel_credit_share else calibrations.calibrated_share end
            as credited_share,
        case when calibrations.channel is null then channels.interval_low else calibrations.calibrated_share_low end
            as credited_share_low,
        case when calibrations.channel is null then channels.interval_high else calibrations.calibrated_share_high end
            as credited_share_high
    from fits
    inner join {{ ref("mart_model_fit_channels") }} as channels on fits.fit_number = channels.fit_number
    left join calibrations
        on
            fits.model_name = calibrations.model_name
            and fits.conversion_type = calibrations.conversion_type
            and channels.channel = calibrations.channel
),

measured as (
    select
        *,
        credited_share * conversion_count as credited_conversions,
        -- Replicates that could not be fitted leave ends that are not a number, which is greater than any.
        case
            when credited_share_high - credited_share_low <= 1
                then conversion_count * (credited_share_high - credited_share_low) / (2 * {{ interval_deviations }})
        end as standard_error
    from credited
),

planned as (
    select
        *,
        greatest({{ planned_error }} * credited_conversions, 1e0) as planned_standard_error,
        -- Fits are wrong in what they are sure of; an experiment that was run has that in its own standard error.
        case
            when basis = 'tested' and standard_error is not null then standard_error
            else greatest(coalesce(standard_error, 0e0), {{ least_spread }} * credited_conversions)
        end as standard_error_before
    from measured
),

expected as (
    select
        *,
        sqrt(2e0 / pi()) * (
            standard_error_before - standard_error_before * planned_standard_error
            / sqrt(power(standard_error_before, 2) + power(planned_standard_error, 2))
        ) as expected_gain_conversions
    from planned
),

ranked as (
    select
        *,
        row_number() over (
            partition by model_name, conversion_type order by expected_gain_conversions desc, channel asc
        ) as test_order
    from expected
),

final as (
    select {{ contract_columns() }}
    from ranked
)

select * from final
