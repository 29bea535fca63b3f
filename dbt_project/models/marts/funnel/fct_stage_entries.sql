with entries as (
    select * from {{ ref("int_stage_entries") }}
),

accounts as (
    select * from {{ ref("dim_accounts") }}
),

-- A stage that is known by the day only has no hours: its length is in whole calendar days.
joined as (
    select
        entries.*,
        {{ local_date('entries.entered_at') }} as entered_date,
        case
            when entries.is_date_only
                then {{ calendar_days_between(local_date('entries.entered_at'), local_date('entries.left_at')) }}
            else {{ days_between('entries.entered_at', 'entries.left_at') }}
        end as days_in_stage,
        accounts.industry,
        accounts.region,
        accounts.segment as account_segment
    from entries
    left join accounts on entries.account_id = accounts.account_id
),

final as (
    select {{ contract_columns() }}
    from joined
)

select * from final
