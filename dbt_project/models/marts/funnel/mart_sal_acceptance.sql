-- By month of the hand-over. The flags compare with var `sal_acceptance_threshold`; without a decision there is none.
with handovers as (
    select
        *,
        cast(date_trunc('month', handed_over_date) as date) as month_start
    from {{ ref("fct_lead_handovers") }}
),

segments as (
    {{ segment_types(person_segments()) }}
),

segmented as (
    select
        handovers.*,
        {{ segment_columns("handovers", person_segments()) }}
    from handovers
    cross join segments
),

counted as (
    select
        month_start,
        segment_type,
        segment_value,
        count(*) as delivered_count,
        {%- for decision in ["accepted", "rejected", "skipped", "taken_back", "undecided"] %}
            count(case when decision = '{{ decision }}' then 1 end) as {{ decision }}_count,
        {%- endfor %}
        count(case when is_stagnant then 1 end) as stagnant_count,
        count(case when decision = 'accepted' and first_contact_at is null then 1 end) as uncontacted_count,
        {{ percentile_of("hours_to_decision", 0.5) }} as median_hours_to_decision,
        {{ percentile_of("hours_from_acceptance_to_contact", 0.5) }} as median_hours_from_acceptance_to_contact
    from segmented
    group by month_start, segment_type, segment_value
),

rated as (
    select
        *,
        {{ ratio("accepted_count", "accepted_count + rejected_count") }} as acceptance_of_decided_share,
        {{ ratio("accepted_count", "delivered_count") }} as acceptance_of_delivered_share,
        cast({{ var("sal_acceptance_threshold") }} as double) as threshold_share
    from counted
),

flagged as (
    select
        *,
        acceptance_of_decided_share < threshold_share as is_decided_below_threshold,
        acceptance_of_delivered_share < threshold_share as is_delivered_below_threshold
    from rated
),

final as (
    select {{ contract_columns() }}
    from flagged
)

select * from final
