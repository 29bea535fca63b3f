{%- set columns = ["journey_id", "conversion_type", "outcome", "journey_grain", "touches_by", "unit_id", "account_id",
    "person_id", "cycle_number", "started_at", "ended_at", "converted_at", "reporting_date"] -%}
{%- set of_opportunities = {
    "opportunity_id": "string", "opportunity_status": "string", "opportunity_type": "string",
    "opportunity_created_at": "timestamp", "closed_at": "timestamp", "amount": "decimal", "currency": "string",
} -%}
{%- set without_opportunity = [] -%}
{%- for name, type in of_opportunities.items() -%}
    {%- do without_opportunity.append("cast(null as " ~ sql_type(type) ~ ") as " ~ name) -%}
{%- endfor -%}
with journeys as (

    select
        {{ columns | join(",\n        ") }},
        {{ of_opportunities.keys() | join(",\n        ") }}
    from {{ ref("int_journeys_of_opportunities") }}

    union all

    select
        {{ columns | join(",\n        ") }},
        {{ without_opportunity | join(",\n        ") }}
    from {{ ref("int_journeys_of_people") }}

    union all

    select
        {{ columns | join(",\n        ") }},
        {{ without_opportunity | join(",\n        ") }}
    from {{ ref("int_journeys_without_opportunity") }}

)

select * from journeys
