with products as (
    select
        *,
        unit_cost as unit_cost_amount
    from {{ ref("int_crm_products") }}
),

final as (
    select {{ contract_columns() }}
    from products
)

select * from final
