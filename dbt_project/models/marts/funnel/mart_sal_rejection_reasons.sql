with rejected as (
    select
        handed_over_date,
        lead_source,
        coalesce(rejection_reason, 'not_recorded') as rejection_reason
    from {{ ref("fct_lead_handovers") }}
    where decision = 'rejected'
),

daily as (
    select
        handed_over_date,
        lead_source,
        rejection_reason,
        count(*) as rejected_count
    from rejected
    group by handed_over_date, lead_source, rejection_reason
),

cells as (
    {{ kpi_cells(
        "daily",
        "handed_over_date",
        {"lead_source": "lead_source"},
        ["rejection_reason", "rejected_count"],
        ["month", "quarter", "trailing_12_months", "all_time"]
    ) }}
),

counted as (
    select
        {{ kpi_cell_columns() }},
        rejection_reason,
        sum(rejected_count) as rejected_count
    from cells
    group by {{ kpi_cell_columns() }}, rejection_reason
),

ranked as (
    select
        *,
        {{ ratio("rejected_count", "sum(rejected_count) over (partition by " ~ kpi_cell_columns() ~ ")") }}
            as share_of_rejections,
        row_number() over (
            partition by {{ kpi_cell_columns() }}
            order by rejected_count desc, rejection_reason asc
        ) as reason_rank
    from counted
),

final as (
    select {{ contract_columns() }}
    from ranked
)

select * from final
