with evaluations as (
    select
        *,
        options as options_json
    from {{ source("attribution", "evaluations") }}
    where business_date <= {{ business_date() }}
),

final as (
    select {{ contract_columns() }}
    from evaluations
)

select * from final
