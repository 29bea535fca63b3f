with opportunities as (
    select
        *,
        coalesce(amount_reporting, 0) as pipeline_amount
    from {{ ref("mart_opportunity_sources") }}
),

measured as (
    {{ kpi_sums("opportunities", "created_date", {
        "lead_source": "lead_source", "owner": "owner_id", "opportunity_type": "opportunity_type",
    }, {
        "sourced_amount": "case when events.sourced_by = 'marketing' then events.pipeline_amount else 0 end",
        "influenced_amount": "case when events.is_marketing_influenced then events.pipeline_amount else 0 end",
        "pipeline_amount": "events.pipeline_amount",
        "opportunity_count": "1",
    }) }}
),

{{ kpi_ratios({
    "marketing_sourced_pipeline_share": {
        "numerator": "sourced_amount", "denominator": "pipeline_amount", "n": "opportunity_count"
    },
    "marketing_influenced_pipeline_share": {
        "numerator": "influenced_amount", "denominator": "pipeline_amount", "n": "opportunity_count"
    },
}, "measured") }}

select * from final
