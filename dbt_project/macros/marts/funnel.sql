{#- The stages towards a win, in order, by whose they are: a person passes through the first ones in a cycle and is
    credited with what their opportunity reaches; from `opportunity` on the unit that is counted is the opportunity. -#}
{% macro funnel_stages(unit_type) -%}
    {{ return({"person": ["inquiry", "mql", "sal", "sql"], "opportunity": ["opportunity", "won", "lost"]}[unit_type]) }}
{%- endmacro %}

{#- The exits of the funnel that are no way to a win. -#}
{% macro funnel_exits() -%}
    {{ return(["rejected", "recycled", "disqualified"]) }}
{%- endmacro %}

{#- Whether a row of `fct_stage_entries` is an entry of the unit that its stage counts. A person's entries of
    opportunity stages say what their cycle led to; counting them too would count a win once more. -#}
{% macro is_counted_entry() -%}
    (unit_type = 'opportunity') = (stage in ('{{ funnel_stages("opportunity") | join("', '") }}'))
{%- endmacro %}

{#- A query: each stage with every later stage or exit that it may lead to, whose stage it is, and the days after
    which an entry is old enough to be judged (var `funnel_maturity_days`). -#}
{% macro funnel_steps() -%}
    {%- set people = funnel_stages("person") -%}
    {%- set steps = [] -%}
    {%- for stage in people -%}
        {%- for later in people[loop.index:] + funnel_stages("opportunity") + funnel_exits() -%}
            {%- do steps.append(("person", stage, later)) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- for later in funnel_stages("opportunity")[1:] -%}
        {%- do steps.append(("opportunity", "opportunity", later)) -%}
    {%- endfor -%}
    {%- for unit_type, from_stage, to_stage in steps %}
    select
        '{{ unit_type }}' as unit_type,
        '{{ from_stage }}' as from_stage,
        '{{ to_stage }}' as to_stage,
        {{ var("funnel_maturity_days")[to_stage] }} as maturity_days
    {{ "union all" if not loop.last }}
    {%- endfor %}
{%- endmacro %}
