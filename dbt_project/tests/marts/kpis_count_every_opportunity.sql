-- Every closed opportunity is in the win rate of all time once a segment: no date or segment loses one.
with closed as (
    select count(*) as closed_count
    from {{ ref("fct_opportunities") }}
    where opportunity_status in ('won', 'lost') and not is_shell
),

counted as (
    select
        segment_type,
        sum(denominator) as closed_count
    from {{ ref("kpi_win_rate") }}
    where period_grain = 'all_time'
    group by segment_type
)

select
    counted.segment_type,
    counted.closed_count as counted_count,
    closed.closed_count
from counted
cross join closed
where counted.closed_count != closed.closed_count
