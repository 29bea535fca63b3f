-- A target applies from its day on until another does. Who has no target has no status, and no colour is a judgement of
-- the pipeline's own.
with figures as (
    select * from {{ ref("int_alignment_figures") }}
),

measures as (
    select * from {{ ref("alignment_measures") }}
),

targets as (
    select
        measure,
        target_value,
        amber_value,
        valid_from,
        set_by
    from {{ ref("targets") }}
    union all
    select
        'sal_acceptance_of_decided' as measure,
        cast({{ var("sal_acceptance_threshold") }} as double) as target_value,
        cast(null as double) as amber_value,
        cast('1900-01-01' as date) as valid_from,
        'var sal_acceptance_threshold' as set_by
),

dated as (
    select
        *,
        lead(valid_from) over (partition by measure order by valid_from) as next_valid_from
    from targets
),

-- The month before is the last one that has a figure: a survey is not asked every month.
known as (
    select
        measure,
        month_start,
        value,
        lag(value) over (partition by measure order by month_start) as previous_value,
        lag(month_start) over (partition by measure order by month_start) as previous_month_start
    from figures
    where value is not null
),

joined as (
    select
        figures.*,
        measures.subject,
        measures.unit,
        measures.better,
        known.previous_value,
        known.previous_month_start,
        figures.value - known.previous_value as change,
        dated.target_value,
        dated.amber_value,
        dated.valid_from as target_valid_from,
        dated.set_by as target_set_by,
        {{ add_days(dbt.dateadd("month", 1, "figures.month_start"), -1) }} <= {{ business_date() }} as is_month_over,
        case measures.better when 'lower' then -1 else 1 end as sign
    from figures
    inner join measures on figures.measure = measures.measure
    left join known on figures.measure = known.measure and figures.month_start = known.month_start
    left join dated
        on
            figures.measure = dated.measure
            and figures.month_start >= dated.valid_from
            and (dated.next_valid_from is null or figures.month_start < dated.next_valid_from)
),

judged as (
    select
        *,
        case
            when value is null or target_value is null then 'none'
            when value * sign >= target_value * sign then 'green'
            when value * sign >= amber_value * sign then 'amber'
            else 'red'
        end as status,
        case
            when change is null or better is null then 'none'
            when change = 0 then 'flat'
            when change * sign > 0 then 'better'
            else 'worse'
        end as trend
    from joined
),

final as (
    select {{ contract_columns() }}
    from judged
)

select * from final
