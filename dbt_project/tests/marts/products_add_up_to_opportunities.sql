-- What was won by product is what was won: no line counts the amount of its deal once more, and none is lost.
with won as (
    select coalesce(sum(amount_reporting), 0) as amount_reporting
    from {{ ref("fct_opportunities") }}
    where opportunity_status = 'won'
),

lines as (
    select coalesce(sum(amount_reporting), 0) as amount_reporting
    from {{ ref("fct_opportunity_lines") }}
    where opportunity_status = 'won'
),

counted as (
    select
        segment_type,
        sum(value) as amount_reporting
    from {{ ref("kpi_product_performance") }}
    where kpi = 'product_revenue' and period_grain = 'all_time'
    group by segment_type
)

select
    'lines' as what,
    lines.amount_reporting as counted_amount,
    won.amount_reporting as won_amount
from lines
cross join won
where lines.amount_reporting != won.amount_reporting
union all
select
    counted.segment_type as what,
    counted.amount_reporting as counted_amount,
    won.amount_reporting as won_amount
from counted
cross join won
where abs(counted.amount_reporting - won.amount_reporting) > 0.005
