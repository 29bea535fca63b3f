-- A term belongs to the account that stands after merges, and to whoever won the deal it began with. One of an account
-- that the CRM does not know keeps the name finance has for it: it is revenue all the same.
with terms as (

    select * from {{ ref("int_subscriptions_unioned") }}

),

resolved as (

    select
        terms.source_system,
        terms.subscription_id,
        coalesce(members.account_id, terms.crm_account_id) as account_id,
        terms.opportunity_id,
        opportunities.owner_id,
        terms.started_by,
        terms.starts_on,
        terms.ends_on,
        terms.cancelled_on,
        terms.annual_amount,
        terms.currency
    from terms
    left join {{ ref("int_account_members") }} as members on terms.crm_account_id = members.member_account_id
    left join {{ ref("int_crm_opportunities") }} as opportunities on terms.opportunity_id = opportunities.opportunity_id

)

select * from resolved
