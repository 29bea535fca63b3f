with changes as (
    select
        *,
        {{ generate_surrogate_key(["run_number", "model_name", "conversion_id"]) }} as credit_change_id
    from {{ source("attribution", "credit_changes") }}
),

final as (
    select {{ contract_columns() }}
    from changes
)

select * from final
