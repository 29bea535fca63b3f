-- The last twelve months beside what others published. Where only the mean compares, the mean is taken.
with kpis as (
    {{ alignment_kpi_rows("trailing_12_months") }}
),

latest as (
    select *
    from (
        select
            *,
            row_number() over (
                partition by kpi, value_kind
                order by period_start desc
            ) as age_number
        from kpis
        where value_kind in ('ratio', 'mean')
    ) as ranked
    where age_number = 1
),

compared as (
    select
        benchmarks.*,
        latest.kpi_model,
        latest.period_start,
        latest.value_kind,
        latest.value,
        latest.n,
        latest.value - benchmarks.benchmark_value as distance,
        {{ ratio("latest.value", "benchmarks.benchmark_value") }} as value_to_benchmark
    from {{ ref("benchmarks") }} as benchmarks
    left join latest on benchmarks.measure = latest.kpi
),

final as (
    select {{ contract_columns() }}
    from compared
)

select * from final
