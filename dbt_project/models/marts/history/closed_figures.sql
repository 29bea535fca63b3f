{{ config(
    materialized="incremental",
    schema="history",
    incremental_strategy="append",
    full_refresh=false,
    pre_hook="{{ discard_open_night(this, 'locked_on', ref('pipeline_snapshots'), 'snapshot_date') }}"
) }}
-- What a night found of the months that it was the first to see closed. Rows are written once: what changes later is an
-- adjustment. Every closed month has a row of each figure without channels, so that a month of nothing is locked too.
-- depends_on: {{ ref("pipeline_snapshots") }}
with months as (
    select distinct month_start
    from {{ ref("dim_dates") }}
    where {{ is_month_over("month_start", closed_through()) }} and {{ is_month_over("month_start", business_date()) }}
    {%- if is_incremental() %}
        and month_start not in (select month_start from {{ this }})
    {%- endif %}
),

figures as (
    select * from {{ ref("int_monthly_figures") }}
),

without_channel as (
    {%- for figure in ["revenue_won", "win_count", "pipeline_created", "opportunity_count"] %}
        select '{{ figure }}' as figure
        {%- if not loop.last %}
            union all
        {%- endif %}
    {%- endfor %}
),

cells as (
    select
        without_channel.figure,
        months.month_start,
        'all' as model_name,
        'all' as channel
    from months
    cross join without_channel
    union
    select
        figures.figure,
        figures.month_start,
        figures.model_name,
        figures.channel
    from figures
    inner join months on figures.month_start = months.month_start
)

select
    {{ business_date() }} as locked_on,
    cells.figure,
    cells.month_start,
    cells.model_name,
    cells.channel,
    coalesce(figures.value, cast(0 as {{ sql_type("decimal") }})) as value
from cells
left join figures
    on
        cells.figure = figures.figure
        and cells.month_start = figures.month_start
        and cells.model_name = figures.model_name
        and cells.channel = figures.channel
