with entries as (
    select * from {{ ref("int_stage_entries") }}
),

accounts as (
    select * from {{ ref("dim_accounts") }}
),

users as (
    select * from {{ ref("dim_users") }}
),

-- An end that is known by the day only makes the length a number of calendar days. How long an inferred stage lasted
-- nobody knows.
joined as (
    select
        entries.*,
        {{ local_date("entries.entered_at") }} as entered_date,
        {{ local_date("entries.left_at") }} as left_date,
        case
            when entries.is_inferred then null
            when entries.is_date_only or coalesce(exits.is_date_only, false)
                then {{ calendar_days_between(local_date("entries.entered_at"), local_date("entries.left_at")) }}
            else {{ days_between("entries.entered_at", "entries.left_at") }}
        end as days_in_stage,
        accounts.industry,
        accounts.region,
        accounts.segment as account_segment,
        accounts.company_size,
        users.team
    from entries
    left join entries as exits
        on
            entries.unit_type = exits.unit_type
            and entries.unit_id = exits.unit_id
            and entries.cycle_number = exits.cycle_number
            and entries.exit_stage = exits.stage
    left join accounts on entries.account_id = accounts.account_id
    left join users on entries.owner_id = users.user_id
),

final as (
    select {{ contract_columns() }}
    from joined
)

select * from final
