{{ config(
    materialized="incremental",
    schema="history",
    incremental_strategy="append",
    full_refresh=false,
    on_schema_change="append_new_columns",
    pre_hook="{{ discard_open_night(this, 'snapshot_date') }}"
) }}
-- What a night found open, written once. The night may be run again while it is the newest; once a later night is here
-- its rows stay as they are, whatever is edited since. A missed night that is run later adds its own rows only.
with opportunities as (
    select * from {{ ref("fct_opportunities") }}
    where opportunity_status = 'open'
),

frozen as (
    select
        {{ business_date() }} as snapshot_date,
        opportunity_id,
        account_id,
        owner_id,
        team,
        opportunity_type,
        stage_name,
        forecast_category,
        created_date,
        close_date,
        {{ calendar_days_between("created_date", business_date()) }} as days_open,
        probability,
        amount,
        currency,
        amount_reporting,
        reporting_currency,
        {{ percent_of_amount("probability", "amount_reporting") }} as weighted_amount_reporting
    from opportunities
    {%- if is_incremental() %}
        where not exists (select 1 from {{ this }} where snapshot_date = {{ business_date() }})
    {%- endif %}
)

select * from frozen
