{#- A query: each currency's rate to the reporting currency and the days it holds, `holds_from` up to but without
    `holds_until`. A rate holds until the next one; the first also for the days before it. The reporting currency is
    there with the rate 1. -#}
{% macro rate_periods() -%}
    select
        currency,
        rate,
        rate_date,
        case
            when row_number() over (partition by currency order by rate_date) = 1 then cast('0001-01-01' as date)
            else rate_date
        end as holds_from,
        coalesce(
            lead(rate_date) over (partition by currency order by rate_date),
            cast('9999-12-31' as date)
        ) as holds_until
    from {{ ref("int_exchange_rates_unioned") }}
    where reporting_currency = '{{ var("reporting_currency") }}' and currency != reporting_currency
    union all
    select
        '{{ var("reporting_currency") }}' as currency,
        1 as rate,
        cast(null as date) as rate_date,
        cast('0001-01-01' as date) as holds_from,
        cast('9999-12-31' as date) as holds_until
{%- endmacro %}
