-- A customer whose value is not known is in neither numerator nor denominator.
with customers as (
    select
        dim_customers.*,
        customer_values.lifetime_value_amount_reporting,
        case when customer_values.predicted_by = 'contractual' then customer_values.predicted_amount_reporting end
            as contractual_amount,
        case when customer_values.predicted_by = 'non_contractual' then customer_values.predicted_amount_reporting end
            as non_contractual_amount
    from {{ ref("dim_customers") }} as dim_customers
    inner join {{ ref("mart_customer_values") }} as customer_values
        on dim_customers.account_id = customer_values.account_id
),

measured as (
    {{ kpi_sums("customers", "customer_since_date", opportunity_segments(), {
        "historic": "events.gross_margin_amount_reporting",
        "historic_count": "case when events.gross_margin_amount_reporting is not null then 1 else 0 end",
        "contractual": "events.contractual_amount",
        "contractual_count": "case when events.contractual_amount is not null then 1 else 0 end",
        "non_contractual": "events.non_contractual_amount",
        "non_contractual_count": "case when events.non_contractual_amount is not null then 1 else 0 end",
        "lifetime": "events.lifetime_value_amount_reporting",
        "lifetime_count": "case when events.lifetime_value_amount_reporting is not null then 1 else 0 end",
    }) }}
),

{{ kpi_figures("measured", [
    {
        "kpi": "clv_historic", "kind": "mean",
        "numerator": "historic", "denominator": "historic_count", "n": "historic_count",
    },
    {
        "kpi": "clv_contractual", "kind": "survival",
        "numerator": "contractual", "denominator": "contractual_count", "n": "contractual_count",
    },
    {
        "kpi": "clv_non_contractual", "kind": "fit",
        "numerator": "non_contractual", "denominator": "non_contractual_count", "n": "non_contractual_count",
    },
    {"kpi": "clv", "kind": "mean", "numerator": "lifetime", "denominator": "lifetime_count", "n": "lifetime_count"},
]) }}

select * from final
