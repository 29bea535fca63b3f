{%- set limits = var("opportunity_shell_stages") -%}
-- Where an organisation opens a deal for each lead, a deal is a shell until it has passed the stage that var
-- `opportunity_shell_stages` names for its CRM. A win is none, whatever its history says.
{%- for crm in limits if crm not in var("crms") -%}
    {{ exceptions.raise_compiler_error(
        "var opportunity_shell_stages names the CRM '" ~ crm ~ "'; known: " ~ var("crms") | join(", ")
    ) }}
{%- endfor %}
with limits as (

    select
        source_system,
        stage_order
    from {{ ref("opportunity_stages") }}
    where
        1 = 0
    {%- for crm, stage in limits.items() %}
            or (source_system = '{{ crm }}' and stage_name = '{{ stage }}')
        {%- endfor %}

),

passed as (

    select distinct entries.opportunity_id
    from {{ ref("int_crm_opportunity_stages") }} as entries
    inner join {{ ref("opportunity_stages") }} as stages
        on entries.source_system = stages.source_system and entries.stage_name = stages.stage_name
    inner join limits on stages.source_system = limits.source_system
    where
        stages.stage_order > limits.stage_order
        and not stages.is_closed
        and entries.entered_at <= {{ business_end() }}

),

shells as (

    select opportunities.opportunity_id
    from {{ ref("int_opportunities") }} as opportunities
    inner join limits on opportunities.source_system = limits.source_system
    left join passed on opportunities.opportunity_id = passed.opportunity_id
    where passed.opportunity_id is null and opportunities.status != 'won'

)

select * from shells
