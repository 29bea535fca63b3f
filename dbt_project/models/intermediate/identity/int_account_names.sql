-- A name that two accounts share proves nothing and is left out.
with named as (

    select distinct
        members.account_id,
        {{ normalised_company_name("accounts.account_name") }} as company_key
    from {{ ref("int_account_members") }} as members
    inner join {{ ref("int_crm_accounts") }} as accounts on members.member_account_id = accounts.account_id

),

unique_names as (

    select
        company_key,
        min(account_id) as account_id
    from named
    where company_key is not null
    group by company_key
    having count(*) = 1

)

select * from unique_names
