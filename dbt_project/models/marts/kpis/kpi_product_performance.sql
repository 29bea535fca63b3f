-- Amounts are those of lines, so that the amount of a deal never counts once a line. A deal of two lines of a product
-- is one deal of it. What no line explains is product `not_recorded`.
with lines as (
    select
        *,
        row_number() over (partition by opportunity_id order by opportunity_line_id) as deal_line_number,
        row_number() over (partition by opportunity_id, product_id order by opportunity_line_id) as product_line_number,
        row_number() over (partition by opportunity_id, product_family order by opportunity_line_id)
            as family_line_number
    from {{ ref("fct_opportunity_lines") }}
    where opportunity_status in ('won', 'lost') and not is_shell
),

flagged as (
    select
        *,
        opportunity_status = 'won' as is_won,
        opportunity_status = 'won' and days_from_creation_to_close >= 0 as is_timed
    from lines
),

measured as (
    {{ kpi_sums("flagged", "close_date", {"product": "product_id", "product_family": "product_family"}, {
        "revenue": "case when events.is_won then events.amount_reporting else 0 end",
        "units": "case when events.is_won then coalesce(events.quantity, 0) else 0 end",
        "list_amount": "case when events.is_won then events.list_amount_reporting end",
        "discount_amount":
            "case when events.is_won then events.list_amount_reporting - events.amount_reporting end",
        "won_count": "case when events.is_won and " ~ product_deal_line() ~ " = 1 then 1 else 0 end",
        "closed_count": "case when " ~ product_deal_line() ~ " = 1 then 1 else 0 end",
        "won_days": "case when events.is_timed and " ~ product_deal_line()
            ~ " = 1 then events.days_from_creation_to_close else 0 end",
        "timed_count": "case when events.is_timed and " ~ product_deal_line() ~ " = 1 then 1 else 0 end",
    }) }}
),

{{ kpi_figures("measured", [
    {"kpi": "product_revenue", "kind": "sum", "value": "revenue", "numerator": "revenue", "n": "won_count"},
    {"kpi": "product_units", "kind": "sum", "value": "units", "numerator": "units", "n": "won_count"},
    {"kpi": "product_win_rate", "numerator": "won_count", "denominator": "closed_count", "n": "closed_count"},
    {"kpi": "product_discount", "numerator": "discount_amount", "denominator": "list_amount", "n": "won_count"},
    {
        "kpi": "product_days_to_win", "kind": "mean",
        "numerator": "won_days", "denominator": "timed_count", "n": "timed_count",
    },
]) }}

select * from final
