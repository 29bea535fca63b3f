with changes as (
    select * from {{ source("attribution", "credit_changes") }}
),

final as (
    select {{ contract_columns() }}
    from changes
)

select * from final
