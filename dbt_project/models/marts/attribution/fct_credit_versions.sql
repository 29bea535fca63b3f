with credits as (
    select * from {{ source("attribution", "credits") }}
),

runs as (
    select
        run_number,
        business_date
    from {{ source("attribution", "runs") }}
),

dated as (
    select
        credits.*,
        case
            when credits.credit_kind = 'touch' then coalesce(credits.channel, 'other')
            else credits.credit_kind
        end as reported_channel,
        opened.business_date as valid_from_date,
        closed.business_date as valid_to_date,
        credits.valid_to_run is null as is_current
    from credits
    left join runs as opened on credits.valid_from_run = opened.run_number
    left join runs as closed on credits.valid_to_run = closed.run_number
),

final as (
    select {{ contract_columns({"channel": "reported_channel"}) }}
    from dated
)

select * from final
