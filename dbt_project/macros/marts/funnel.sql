{#- The stages that a unit passes towards a win, in order; those of people come before those of opportunities. -#}
{% macro person_funnel_stages() -%}
    {{ return(['inquiry', 'mql', 'sal', 'sql']) }}
{%- endmacro %}

{% macro opportunity_funnel_stages() -%}
    {{ return(['opportunity', 'won']) }}
{%- endmacro %}

{#- A query: each stage with every later stage or exit that it may lead to, and the days after which a cohort is
    old enough to be judged (var `funnel_maturity_days`). Columns: from_stage, to_stage, to_level, maturity_days. -#}
{% macro funnel_steps() -%}
    {%- set people = person_funnel_stages() -%}
    {%- set stages = people + opportunity_funnel_stages() -%}
    {%- set steps = [] -%}
    {%- for stage in stages[:-1] -%}
        {%- set exits = ['rejected', 'recycled', 'disqualified'] if stage in people else [] -%}
        {%- for later in stages[loop.index:] + ['lost'] + exits -%}
            {%- do steps.append((stage, later)) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- for from_stage, to_stage in steps %}
    select
        '{{ from_stage }}' as from_stage,
        '{{ to_stage }}' as to_stage,
        '{{ "opportunity" if to_stage in ["opportunity", "won", "lost"] else "person" }}' as to_level,
        {{ var('funnel_maturity_days')[to_stage] }} as maturity_days
    {{ 'union all' if not loop.last }}
    {%- endfor %}
{%- endmacro %}
