with credits as (
    select * from {{ ref("fct_credits") }}
),

touches as (
    select * from {{ ref("fct_journey_touches") }}
    where is_converted
),

explained_conversions as (
    select
        model_name,
        conversion_id,
        max(goals) as goals,
        max(conversion_type) as conversion_type,
        max(account_id) as account_id,
        max(opportunity_id) as opportunity_id,
        max(converted_at) as converted_at,
        max(currency) as currency,
        max(policy) as policy,
        max(model_version) as model_version
    from credits
    group by model_name, conversion_id
),

-- Touches that earned nothing are part of the answer to "why did the credit go there".
journey_rows as (
    select
        explained_conversions.*,
        touches.touch_id,
        'touch' as credit_kind,
        touches.touch_number,
        touches.touch_count,
        touches.touched_at,
        touches.days_before_conversion,
        touches.person_id,
        touches.buying_role,
        touches.channel,
        touches.campaign_id,
        touches.content_name,
        touches.touch_kind,
        touches.is_offline,
        credits.position_roles,
        credits.base_weight,
        credits.reallocated_weight,
        credits.credit_share,
        credits.credited_amount,
        credits.credit_reason
    from explained_conversions
    inner join touches on explained_conversions.conversion_id = touches.conversion_id
    left join credits
        on
            explained_conversions.model_name = credits.model_name
            and explained_conversions.conversion_id = credits.conversion_id
            and touches.touch_id = credits.touch_id
            and credits.credit_kind = 'touch'
),

other_rows as (
    select
        model_name,
        conversion_id,
        goals,
        conversion_type,
        account_id,
        opportunity_id,
        converted_at,
        currency,
        policy,
        model_version,
        touch_id,
        credit_kind,
        touch_number,
        cast(null as integer) as touch_count,
        touched_at,
        cast(null as double) as days_before_conversion,
        person_id,
        buying_role,
        channel,
        campaign_id,
        content_name,
        touch_kind,
        is_offline,
        position_roles,
        base_weight,
        reallocated_weight,
        credit_share,
        credited_amount,
        credit_reason
    from credits
    where credit_kind != 'touch'
),

unioned as (
    select * from journey_rows
    union all
    select * from other_rows
),

people as (
    select
        person_id,
        full_name,
        title
    from {{ ref("dim_people") }}
),

accounts as (
    select
        account_id,
        account_name
    from {{ ref("dim_accounts") }}
),

named as (
    select
        unioned.*,
        coalesce(unioned.credit_share, 0) as shown_share,
        case when unioned.currency is not null then coalesce(unioned.credited_amount, 0) end as shown_amount,
        accounts.account_name,
        people.full_name as person_name,
        people.title as person_title
    from unioned
    left join people on unioned.person_id = people.person_id
    left join accounts on unioned.account_id = accounts.account_id
),

final as (
    select {{ contract_columns({"credit_share": "shown_share", "credited_amount": "shown_amount"}) }}
    from named
)

select * from final
