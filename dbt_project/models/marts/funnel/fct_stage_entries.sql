with entries as (
    select * from {{ ref("int_stage_entries") }}
),

dated_exits as (
    select
        unit_type,
        unit_id,
        cycle_number,
        stage
    from entries
    where is_date_only
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
            when entries.is_date_only or dated_exits.unit_id is not null
                then {{ calendar_days_between(local_date("entries.entered_at"), local_date("entries.left_at")) }}
            else {{ days_between("entries.entered_at", "entries.left_at") }}
        end as days_in_stage,
        accounts.industry,
        accounts.region,
        accounts.segment as account_segment,
        accounts.company_size,
        users.team
    from entries
    left join dated_exits
        on
            entries.unit_type = dated_exits.unit_type
            and entries.unit_id = dated_exits.unit_id
            and entries.cycle_number = dated_exits.cycle_number
            and entries.exit_stage = dated_exits.stage
    left join accounts on entries.account_id = accounts.account_id
    left join users on entries.owner_id = users.user_id
),

final as (
    select {{ contract_columns() }}
    from joined
)

select * from final
