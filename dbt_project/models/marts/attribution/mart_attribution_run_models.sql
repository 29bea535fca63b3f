with models as (
    select
        models.*,
        models.definition as definition_json,
        runs.business_date,
        runs.is_replay
    from {{ source("attribution", "run_models") }} as models
    inner join {{ source("attribution", "runs") }} as runs on models.run_number = runs.run_number
),

final as (
    select {{ contract_columns() }}
    from models
)

select * from final
