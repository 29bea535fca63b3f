-- A closed month shows what it showed when it was closed, and beside it what has changed since. The entries of a figure
-- add up to what is known tonight, whatever was locked.
with locked as (
    select * from {{ ref("closed_figures") }}
    where locked_on <= {{ business_date() }}
),

closed_months as (
    select
        month_start,
        min(locked_on) as locked_on
    from locked
    group by month_start
),

current_figures as (
    select
        figures.*,
        closed_months.locked_on
    from {{ ref("int_monthly_figures") }} as figures
    left join closed_months on figures.month_start = closed_months.month_start
),

-- A channel that had nothing when the month was closed is an adjustment from nothing, and one that has lost all of it
-- one to nothing.
changes as (
    select
        figure,
        month_start,
        model_name,
        channel,
        sum(value) as value
    from (
        select
            figure,
            month_start,
            model_name,
            channel,
            value
        from current_figures
        where locked_on is not null
        union all
        select
            figure,
            month_start,
            model_name,
            channel,
            -value as value
        from locked
    ) as both_sides
    group by figure, month_start, model_name, channel
    having sum(value) != 0
),

entries as (
    select
        'closed' as entry_type,
        locked_on,
        figure,
        month_start,
        model_name,
        channel,
        value
    from locked
    union all
    select
        'adjustment' as entry_type,
        closed_months.locked_on,
        changes.figure,
        changes.month_start,
        changes.model_name,
        changes.channel,
        changes.value
    from changes
    inner join closed_months on changes.month_start = closed_months.month_start
    union all
    select
        'open' as entry_type,
        locked_on,
        figure,
        month_start,
        model_name,
        channel,
        value
    from current_figures
    where locked_on is null
),

described as (
    select
        *,
        case when figure in ('win_count', 'opportunity_count', 'credited_wins') then 'count' else 'amount' end as unit,
        '{{ var("reporting_currency") }}' as reporting_currency
    from entries
),

final as (
    select {{ contract_columns() }}
    from described
)

select * from final
