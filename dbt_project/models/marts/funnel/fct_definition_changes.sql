with definitions as (
    select
        *,
        lag(definitions) over (partition by definition_type order by seen_date) as previous_definitions
    from {{ ref("stage_definitions") }}
    where seen_date <= {{ business_date() }}
),

flagged as (
    select
        *,
        previous_definitions is null as is_first
    from definitions
    -- A missed night that was run later may have seen the same before.
    where previous_definitions is null or previous_definitions != definitions
),

final as (
    select {{ contract_columns() }}
    from flagged
)

select * from final
