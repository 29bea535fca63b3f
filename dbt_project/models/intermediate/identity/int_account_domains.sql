-- A website claims its domain for the oldest account that names it. A domain known only from contacts counts when
-- all of them belong to one account: a consultant who is a contact of three customers proves nothing.
with free_mail as (

    select domain from {{ ref("free_mail_domains") }}

),

websites as (

    select distinct
        members.account_id,
        lower(trim(accounts.domain)) as domain
    from {{ ref("int_account_members") }} as members
    inner join {{ ref("int_crm_accounts") }} as accounts on members.member_account_id = accounts.account_id

),

contacts as (

    select distinct
        accounts.account_id,
        {{ domain_of_email("people.email") }} as domain
    from {{ ref("int_crm_people") }} as people
    inner join {{ ref("int_account_members") }} as accounts on people.account_id = accounts.member_account_id
    where people.person_type = 'contact'

),

website_ranked as (

    select
        websites.domain,
        websites.account_id,
        count(*) over (partition by websites.domain) as account_count,
        row_number() over (
            partition by websites.domain
            order by survivors.created_at, websites.account_id
        ) as domain_rank
    from websites
    inner join {{ ref("int_accounts") }} as survivors on websites.account_id = survivors.account_id
    where websites.domain is not null

),

contact_domains as (

    select
        domain,
        min(account_id) as account_id,
        count(*) as account_count
    from contacts
    where domain is not null
    group by domain

),

claimed as (

    select
        domain,
        account_id,
        'website' as evidence,
        account_count
    from website_ranked
    where domain_rank = 1

    union all

    select
        contact_domains.domain,
        contact_domains.account_id,
        'contacts' as evidence,
        contact_domains.account_count
    from contact_domains
    left join website_ranked
        on contact_domains.domain = website_ranked.domain and website_ranked.domain_rank = 1
    where contact_domains.account_count = 1 and website_ranked.domain is null

),

verified as (

    select claimed.*
    from claimed
    left join free_mail on claimed.domain = free_mail.domain
    where free_mail.domain is null

)

select * from verified
