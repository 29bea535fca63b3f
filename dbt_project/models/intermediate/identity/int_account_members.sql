with accounts as (

    select * from {{ ref("int_crm_accounts") }}

),

pointers as (

    select
        account.account_id as id,
        survivor.account_id as next_id
    from accounts as account
    inner join accounts as survivor on account.merged_into_account_id = survivor.account_id
    where account.account_id != survivor.account_id

),

{{ resolved_pointers("pointers") }},

members as (

    select
        account.account_id as member_account_id,
        coalesce(resolved.root_id, account.account_id) as account_id,
        case when resolved.root_id != account.account_id then 'merged' else 'self' end as rule,
        account.merged_into_account_id as evidence
    from accounts as account
    left join resolved on account.account_id = resolved.id

)

select * from members
