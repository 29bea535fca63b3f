with opportunities as (
    select * from {{ ref("fct_opportunities") }}
),

won as (
    select
        *,
        days_from_first_contact_to_close as days
    from opportunities
    where opportunity_status = 'won' and days_from_first_contact_to_close is not null
),

{{ kpi_durations("days_to_win", "won", "close_date", opportunity_segments(), "opportunities", "created_date") }}

select * from final
