{#-
    The canonical shapes: the one home of their column names and types.

    A CRM offers a model `crm_<crm>__<shape>` for each of `crm_shapes()`; a touchpoint is a model
    `tp_<source>__<kind>`, spend `sp_<source>__<kind>`, exchange rates `xr_<source>__<kind>`, subscriptions
    `sb_<source>__<kind>`, a survey tool the two models `sw_<source>__<kind>` (waves) and `sa_<source>__<kind>` (answers),
    experiments `ex_<source>__<kind>`.
-#}
{% macro canonical_columns(shape) -%}
    {%- set shapes = {
        "accounts": {
            "source_system": "string", "account_id": "string", "account_name": "string", "domain": "string",
            "industry": "string", "employee_count": "integer", "annual_revenue": "decimal", "country": "string",
            "region": "string", "segment": "string", "parent_account_id": "string",
            "merged_into_account_id": "string", "owner_id": "string", "created_at": "timestamp",
        },
        "people": {
            "source_system": "string", "person_id": "string", "person_type": "string", "account_id": "string",
            "full_name": "string", "email": "string", "title": "string", "company_name": "string",
            "domain": "string", "lead_source": "string", "self_reported_source": "string", "owner_id": "string",
            "created_at": "timestamp", "status": "string", "score": "double", "interest_date": "date",
            "budget_date": "date", "authority_date": "date", "timeline_date": "date", "is_converted": "boolean",
            "converted_on": "date", "converted_account_id": "string", "converted_person_id": "string",
            "converted_opportunity_id": "string", "merged_into_person_id": "string",
        },
        "person_stages": {
            "source_system": "string", "person_stage_id": "string", "person_id": "string", "stage": "string",
            "entered_at": "timestamp", "is_date_only": "boolean", "reason": "string", "changed_by_id": "string",
        },
        "opportunities": {
            "source_system": "string", "opportunity_id": "string", "account_id": "string",
            "opportunity_name": "string", "opportunity_type": "string", "stage_name": "string",
            "amount": "decimal", "currency": "string", "probability": "double", "forecast_category": "string",
            "close_date": "date", "is_closed": "boolean", "is_won": "boolean", "loss_reason": "string",
            "lead_source": "string", "campaign_id": "string", "owner_id": "string", "created_at": "timestamp",
        },
        "opportunity_stages": {
            "source_system": "string", "opportunity_stage_id": "string", "opportunity_id": "string",
            "stage_name": "string", "entered_at": "timestamp", "is_date_only": "boolean", "amount": "decimal",
            "close_date": "date", "probability": "double", "is_closed": "boolean", "is_won": "boolean",
        },
        "opportunity_people": {
            "source_system": "string", "opportunity_id": "string", "person_id": "string",
            "buying_role": "string", "is_primary": "boolean",
        },
        "campaigns": {
            "source_system": "string", "campaign_id": "string", "campaign_name": "string",
            "campaign_type": "string", "parent_campaign_id": "string", "start_date": "date", "end_date": "date",
            "actual_cost": "decimal", "currency": "string",
        },
        "users": {
            "source_system": "string", "user_id": "string", "user_name": "string", "email": "string",
            "title": "string", "department": "string", "team": "string", "manager_id": "string",
            "is_active": "boolean",
        },
        "products": {
            "source_system": "string", "product_id": "string", "product_name": "string",
            "product_code": "string", "product_family": "string", "unit_cost": "decimal", "is_active": "boolean",
        },
        "opportunity_lines": {
            "source_system": "string", "opportunity_line_id": "string", "opportunity_id": "string",
            "product_id": "string", "quantity": "decimal", "unit_price": "decimal", "list_price": "decimal",
            "discount_percent": "double", "total_amount": "decimal",
        },
        "forecasts": {
            "source_system": "string", "forecast_id": "string", "owner_id": "string", "period_start_date": "date",
            "period_end_date": "date", "amount": "decimal", "currency": "string", "forecast_category": "string",
            "submitted_at": "timestamp", "is_withdrawn": "boolean",
        },
        "quotas": {
            "source_system": "string", "quota_id": "string", "owner_id": "string", "period_start_date": "date",
            "period_end_date": "date", "amount": "decimal", "currency": "string",
        },
        "activities": {
            "source_system": "string", "activity_id": "string", "activity_kind": "string",
            "person_id": "string", "account_id": "string", "opportunity_id": "string", "owner_id": "string",
            "is_outbound": "boolean", "booked_at": "timestamp", "occurred_at": "timestamp",
            "is_date_only": "boolean", "outcome": "string",
        },
        "cases": {
            "source_system": "string", "case_id": "string", "account_id": "string", "person_id": "string",
            "owner_id": "string", "case_type": "string", "reason": "string", "priority": "string",
            "is_closed": "boolean", "opened_at": "timestamp", "closed_at": "timestamp",
            "satisfaction_score": "integer",
        },
        "unmapped_values": {
            "source_system": "string", "entity": "string", "column_name": "string", "value": "string",
            "row_count": "integer",
        },
        "touchpoints": {
            "source_system": "string", "touch_id": "string", "touch_kind": "string", "touched_at": "timestamp",
            "is_date_only": "boolean", "visitor_id": "string", "email": "string", "crm_person_id": "string",
            "crm_account_id": "string", "company_name": "string", "utm_source": "string",
            "utm_medium": "string", "utm_campaign": "string", "referrer_domain": "string",
            "landing_page": "string", "channel_hint": "string", "campaign_id": "string",
            "campaign_name": "string", "content_name": "string", "click_id": "string",
            "is_excluded": "boolean", "exclusion_reason": "string", "raw_file_id": "string",
            "raw_line_number": "integer",
        },
        "spend": {
            "source_system": "string", "spend_id": "string", "spend_date": "date", "channel_hint": "string",
            "platform": "string", "campaign_id": "string", "campaign_name": "string",
            "cost_category": "string", "department": "string", "amount": "decimal", "currency": "string",
            "impressions": "integer", "clicks": "integer",
        },
        "survey_waves": {
            "source_system": "string", "wave_id": "string", "survey_type": "string", "team": "string",
            "sent_on": "date", "closes_on": "date", "invited_count": "integer", "scale_min": "integer",
            "scale_max": "integer",
        },
        "survey_answers": {
            "source_system": "string", "answer_id": "string", "wave_id": "string", "respondent_id": "string",
            "question": "string", "answer": "integer", "answered_at": "timestamp",
        },
        "subscriptions": {
            "source_system": "string", "subscription_id": "string", "crm_account_id": "string",
            "opportunity_id": "string", "started_by": "string", "starts_on": "date", "ends_on": "date",
            "cancelled_on": "date", "annual_amount": "decimal", "currency": "string",
        },
        "experiments": {
            "source_system": "string", "experiment_id": "string", "conversion_type": "string", "channel": "string",
            "design": "string", "starts_on": "date", "ends_on": "date", "measured_until": "date",
            "increment": "double", "standard_error": "double",
        },
        "exchange_rates": {
            "rate_date": "date", "currency": "string", "reporting_currency": "string", "rate": "rate",
        },
    } -%}
    {%- if shape not in shapes -%}
        {{ exceptions.raise_compiler_error(
            "unknown canonical shape '" ~ shape ~ "'; known: " ~ shapes.keys() | sort | join(", ")
        ) }}
    {%- endif -%}
    {{ return(shapes[shape]) }}
{%- endmacro %}


{#- In a select list: the columns of a shape, taken from a relation. -#}
{% macro canonical_list(shape, relation) -%}
    {%- for name in canonical_columns(shape) %}
        {{- relation }}.{{ name }}{{ ",\n        " if not loop.last }}
    {%- endfor %}
{%- endmacro %}


{#-
    The models of the enabled sources that offer a shape, in the order of their var. The lists are
    vars because dbt must know what a union refers to before it has read the project.
-#}
{% macro canonical_models(shape) -%}
    {%- set families = {
        "touchpoints": {"var": "touchpoints", "prefix": "tp_"},
        "spend": {"var": "spend", "prefix": "sp_"},
        "exchange_rates": {"var": "exchange_rates", "prefix": "xr_"},
        "survey_waves": {"var": "surveys", "prefix": "sw_"},
        "survey_answers": {"var": "surveys", "prefix": "sa_"},
        "subscriptions": {"var": "subscriptions", "prefix": "sb_"},
        "experiments": {"var": "experiments", "prefix": "ex_"},
    } -%}
    {%- set models = [] -%}
    {%- if shape in families -%}
        {%- for name in var(families[shape].var) if source_enabled(name.split("__")[0]) -%}
            {%- do models.append(families[shape].prefix ~ name) -%}
        {%- endfor -%}
    {%- else -%}
        {%- for crm in var("crms") if source_enabled(crm) -%}
            {%- do models.append("crm_" ~ crm ~ "__" ~ shape) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(models) }}
{%- endmacro %}


{#-
    Every enabled source's rows of a shape, cast to its types; no rows when no source is enabled.
    `precedence`, where given, names an integer column that holds the source's place in the list.
-#}
{% macro union_canonical(shape, precedence=none) -%}
    {%- set columns = canonical_columns(shape) -%}
    {%- for model in canonical_models(shape) %}
    select
        {%- for name, type in columns.items() %}
        cast({{ name }} as {{ sql_type(type) }}) as {{ name }}{{ "," if precedence or not loop.last }}
        {%- endfor %}
        {%- if precedence %}
        {{ loop.index }} as {{ precedence }}
        {%- endif %}
    from {{ ref(model) }}
        {%- if not loop.last %}
    union all
        {%- endif %}
    {%- else %}
    {{ absent(shape, precedence) }}
    {%- endfor %}
{%- endmacro %}


{#- A shape that a CRM does not have: its columns and types, and no rows. -#}
{% macro absent(shape, precedence=none) -%}
    select
        {%- for name, type in canonical_columns(shape).items() %}
        cast(null as {{ sql_type(type) }}) as {{ name }}{{ "," if precedence or not loop.last }}
        {%- endfor %}
        {%- if precedence %}
        cast(null as integer) as {{ precedence }}
        {%- endif %}
    where 1 = 0
{%- endmacro %}
