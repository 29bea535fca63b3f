-- The interval of a calibrated share takes share and factor for independent, which makes it wide rather than narrow: an
-- experiment that is precise corrects just what a share has too much.
with tested as (

    select distinct conversion_type from {{ ref("fct_experiments") }}

),

-- Factors of a model that is switched off, or of a fit that no longer counts, correct nothing.
corrected as (

    select distinct
        model_name,
        conversion_type
    from {{ ref("fct_credits") }}

),

in_force as (

    select fit_number from {{ ref("mart_model_fits") }}
    where is_newest and status = 'fitted'

),

numbered as (

    select
        calibrations.*,
        -- An older night that is run again may have made one later, which is not of this night.
        first_value(calibrations.calibration_number) over (
            partition by calibrations.model_name, calibrations.conversion_type
            order by calibrations.business_date desc, calibrations.calibration_number desc
        ) as newest_number
    from {{ source("attribution", "calibrations") }} as calibrations
    inner join tested on calibrations.conversion_type = tested.conversion_type
    inner join corrected
        on
            calibrations.calibrated_model_name = corrected.model_name
            and calibrations.conversion_type = corrected.conversion_type
    where calibrations.business_date <= {{ business_date() }}

),

joined as (

    select
        numbered.calibrated_model_name as model_name,
        numbered.conversion_type,
        numbered.channel,
        numbered.experiment_count,
        numbered.credited_conversions as observational_conversions,
        numbered.increment as experimental_conversions,
        numbered.standard_error,
        numbered.factor,
        numbered.factor_low,
        numbered.factor_high,
        numbered.business_date as calibrated_on,
        case when numbered.credited_conversions > 0 then numbered.increment / numbered.credited_conversions end
            as measured_factor,
        case
            when numbered.experiment_count = 0 then 'not_tested'
            when numbered.usable_experiment_count = 0 then 'no_credit_in_window'
            else 'tested'
        end as basis,
        fits.channel_credit_share as observational_share,
        fits.interval_low as observational_share_low,
        fits.interval_high as observational_share_high,
        fits.channel_credit_share * numbered.factor as scaled_share,
        sqrt(
            power(numbered.factor * (fits.interval_high - fits.interval_low), 2)
            + power(fits.channel_credit_share * (numbered.factor_high - numbered.factor_low), 2)
        ) / 2 as scaled_reach
    from numbered
    inner join in_force on numbered.fit_number = in_force.fit_number
    left join {{ source("attribution", "model_fit_channels") }} as fits
        on numbered.fit_number = fits.fit_number and numbered.channel = fits.channel
    where numbered.calibration_number = numbered.newest_number and numbered.channel is not null

),

-- Where factors come to more than the whole, in proportion.
wholes as (

    select
        model_name,
        conversion_type,
        case when sum(scaled_share) > 1 then sum(scaled_share) else 1 end as whole
    from joined
    group by model_name, conversion_type

),

bounded as (

    select
        joined.*,
        joined.scaled_share / wholes.whole as calibrated_share,
        joined.scaled_reach / wholes.whole as calibrated_reach
    from joined
    inner join wholes
        on
            joined.model_name = wholes.model_name
            and joined.conversion_type = wholes.conversion_type

),

reached as (

    select
        *,
        case
            when calibrated_share > calibrated_reach then calibrated_share - calibrated_reach
            when calibrated_share <= calibrated_reach then 0
        end as calibrated_share_low,
        case
            when calibrated_share + calibrated_reach < 1 then calibrated_share + calibrated_reach
            when calibrated_share + calibrated_reach >= 1 then 1
        end as calibrated_share_high
    from bounded

),

final as (

    select {{ contract_columns() }}
    from reached

)

select * from final
