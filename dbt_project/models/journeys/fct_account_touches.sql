-- Touches beside the risk set: also those that no journey holds, for models of when an account converts.
with account_touches as (

    select
        account_id,
        touch_id,
        touched_at,
        channel,
        person_id,
        is_marketing
    from {{ ref("int_touches") }}
    where account_id is not null

)

select * from account_touches
