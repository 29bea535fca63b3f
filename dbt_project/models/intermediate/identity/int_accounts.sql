with members as (

    select * from {{ ref("int_account_members") }}

),

accounts as (

    select * from {{ ref("int_crm_accounts") }}

),

created as (

    select
        members.account_id,
        min(accounts.created_at) as created_at,
        count(*) as member_count
    from members
    inner join accounts on members.member_account_id = accounts.account_id
    group by members.account_id

),

survivors as (

    select
        accounts.source_system,
        accounts.account_id,
        accounts.account_name,
        accounts.domain,
        accounts.industry,
        accounts.employee_count,
        accounts.annual_revenue,
        accounts.country,
        accounts.region,
        accounts.segment,
        coalesce(parent.account_id, accounts.parent_account_id) as parent_account_id,
        accounts.owner_id,
        created.created_at,
        created.member_count
    from accounts
    inner join created on accounts.account_id = created.account_id
    left join members as parent on accounts.parent_account_id = parent.member_account_id

)

select * from survivors
