with cases as (
    select * from {{ ref("int_crm_cases") }}
    where opened_at <= {{ business_end() }}
),

joined as (
    select
        cases.*,
        members.account_id as resolved_account_id,
        {{ local_date("cases.opened_at") }} as opened_date,
        {{ local_date("cases.closed_at") }} as closed_date,
        {{ hours_between("cases.opened_at", "cases.closed_at") }} as hours_to_close,
        cases.case_type = 'complaint' as is_complaint,
        coalesce(promises.reason is not null, false) as is_broken_promise,
        accounts.owner_id as account_owner_id,
        accounts.industry,
        accounts.company_size,
        accounts.region,
        accounts.segment as account_segment
    from cases
    left join {{ ref("int_account_members") }} as members on cases.account_id = members.member_account_id
    left join {{ ref("dim_accounts") }} as accounts on members.account_id = accounts.account_id
    left join {{ ref("broken_promise_reasons") }} as promises
        on cases.source_system = promises.source_system and cases.reason = promises.reason
),

final as (
    select {{ contract_columns({"account_id": "resolved_account_id"}) }}
    from joined
)

select * from final
