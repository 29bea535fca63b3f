-- Without spend there is no return on it, with spend there is; and ROAS is always ROI + 1.
{% for mart in ["mart_channel_performance", "mart_campaign_performance"] %}
    select
        '{{ mart }}' as relation,
        model_name,
        date_basis,
        month_start,
        spend_amount_reporting,
        revenue_amount_reporting,
        roi,
        roas
    from {{ ref(mart) }}
    where
        (spend_amount_reporting > 0) != (roi is not null)
        or (spend_amount_reporting > 0) != (roas is not null)
        or abs(roas - roi - 1) > 1e-9
    {{ "union all" if not loop.last }}
{% endfor %}
