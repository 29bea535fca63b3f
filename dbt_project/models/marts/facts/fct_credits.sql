with credits as (
    select * from {{ source("attribution", "current_credits") }}
),

described as (
    select
        *,
        {{ generate_surrogate_key(["model_name", "conversion_id", "credit_kind", "touch_id"]) }} as credit_id,
        {{ model_goals("model_name") }} as goals,
        case
            when conversion_type = 'won' then 'revenue'
            when conversion_type = 'opportunity' and opportunity_status = 'open' then 'open_pipeline'
            when conversion_type = 'opportunity' then 'closed_pipeline'
        end as amount_kind,
        case when credit_kind = 'touch' then coalesce(channel, 'other') else credit_kind end as reported_channel,
        {{ local_date("touched_at") }} as touched_date
    from credits
),

renamed as (
    select
        {{ contract_columns({"channel": "reported_channel"}) }}
    from described
)

select * from renamed
