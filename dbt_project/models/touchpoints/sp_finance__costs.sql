{{ config(enabled=source_enabled("finance")) }}

with

costs as (

    select * from {{ ref("stg_finance__costs") }}

),

currencies as (

    select * from {{ ref("currencies") }}

),

-- In ten-thousandths of the currency, whole: what the type of `amount` can hold.
counted as (

    select
        costs.cost_id,
        costs.starts_on,
        greatest(costs.starts_on, costs.ends_on) as ends_on,
        costs.department,
        costs.category,
        costs.channel,
        costs.campaign_id,
        upper(costs.currency) as currency,
        cast(costs.amount * 10000 as {{ sql_type("integer") }}) as units,
        case coalesce(currencies.minor_unit_digits, 2)
            when 0 then 10000
            when 1 then 1000
            when 2 then 100
            when 3 then 10
            else 1
        end as minor_unit,
        {{ calendar_days_between("costs.starts_on", "greatest(costs.starts_on, costs.ends_on)") }} + 1 as day_count

    from costs
    left join currencies
        on upper(costs.currency) = currencies.currency

),

days as (

    select
        *,
        {{ each_day("starts_on", "ends_on") }} as spend_date

    from counted

),

numbered as (

    select
        *,
        {{ calendar_days_between("starts_on", "spend_date") }} + 1 as day_number

    from days

),

-- What was spent by the end of a day and of the day before, in whole minor units; the last day ends at the
-- cost itself, so the days add up to it exactly.
cumulated as (

    select
        *,
        case
            when day_number = day_count then units
            else {{ whole_quotient("units * day_number", "day_count * minor_unit") }} * minor_unit
        end as units_by_end,
        {{ whole_quotient("units * (day_number - 1)", "day_count * minor_unit") }} * minor_unit as units_before

    from numbered

),

mapped as (

    select
        'finance' as source_system,
        concat('finance:costs:', cost_id, ':', cast(spend_date as {{ sql_type("string") }})) as spend_id,
        spend_date,
        channel as channel_hint,
        cast(null as {{ sql_type("string") }}) as platform,
        campaign_id,
        cast(null as {{ sql_type("string") }}) as campaign_name,
        category as cost_category,
        department,
        cast((units_by_end - units_before) * 0.0001 as {{ sql_type("decimal") }}) as amount,
        currency,
        cast(null as {{ sql_type("integer") }}) as impressions,
        cast(null as {{ sql_type("integer") }}) as clicks

    from cumulated

)

select * from mapped
