with fits as (
    select
        fit_number,
        is_newest
    from {{ ref("mart_model_fits") }}
),

channels as (
    select * from {{ source("attribution", "model_fit_channels") }}
),

changes as (
    select * from {{ source("attribution", "model_fit_changes") }}
),

joined as (
    select
        channels.*,
        fits.is_newest,
        changes.channel_credit_share_before,
        changes.touch_credit_conversions_after - changes.touch_credit_conversions_before
            as touch_credit_conversions_change,
        changes.touch_credit_amount_reporting_after - changes.touch_credit_amount_reporting_before
            as touch_credit_amount_reporting_change
    from channels
    inner join fits on channels.fit_number = fits.fit_number
    left join changes
        on
            channels.fit_number = changes.fit_number
            and channels.channel = changes.channel
),

final as (
    select {{ contract_columns() }}
    from joined
)

select * from final
