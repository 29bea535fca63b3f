{{ config(materialized="view") }}
with snapshots as (
    select * from {{ ref("pipeline_snapshots") }}
    where snapshot_date <= {{ business_date() }}
),

final as (
    select {{ contract_columns() }}
    from snapshots
)

select * from final
