with runs as (
    select
        *,
        config as config_json
    from {{ source("attribution", "runs") }}
),

final as (
    select {{ contract_columns() }}
    from runs
)

select * from final
