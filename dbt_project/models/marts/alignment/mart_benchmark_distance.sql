{%- set industry = "'" ~ var("company_industry") ~ "'" if var("company_industry") else "null" -%}
-- The last twelve months beside what others published. Where only the mean compares, the mean is taken. Amounts are
-- compared in their own currency only: of which day's rate a published figure would be, nobody says.
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
        where value_kind in ('ratio', 'mean', 'lift')
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
        coalesce(benchmarks.industry = cast({{ industry }} as {{ sql_type("string") }}), false) as is_own_industry,
        case
            when coalesce(benchmarks.currency, '{{ var("reporting_currency") }}') = '{{ var("reporting_currency") }}'
                then benchmarks.benchmark_value
        end as comparable_value
    from {{ ref("benchmarks") }} as benchmarks
    left join latest on benchmarks.measure = latest.kpi
),

measured as (
    select
        *,
        value - comparable_value as distance,
        {{ ratio("value", "comparable_value") }} as value_to_benchmark
    from compared
),

final as (
    select {{ contract_columns() }}
    from measured
)

select * from final
