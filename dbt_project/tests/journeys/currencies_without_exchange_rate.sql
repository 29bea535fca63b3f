{{ config(severity="warn") }}
-- Deals in these currencies have no amount in the reporting currency: deliver a rate at or before the first date.
select
    currency,
    reporting_currency,
    count(*) as journey_count,
    min(reporting_date) as first_reporting_date
from {{ ref("fct_journeys") }}
where amount is not null and exchange_rate is null
group by currency, reporting_currency
