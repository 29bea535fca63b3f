{#-
    A query: the plans (quotas or forecasts) that are the sum of others, by `owner_id`, `period_start_date` and
    `period_end_date`: those of a manager, where somebody below has a plan for a part of the same period. None where var
    `manager_plans` is `own`.

    plans: a CTE with those three columns.
-#}
{% macro rolled_up_plans(plans) -%}
    {%- set known = ["team", "own"] -%}
    {%- if var("manager_plans") not in known -%}
        {{ exceptions.raise_compiler_error(
            "var manager_plans is '" ~ var("manager_plans") ~ "'; known: " ~ known | join(", ")
        ) }}
    {%- endif -%}
    select distinct
        plans.owner_id,
        plans.period_start_date,
        plans.period_end_date
    from {{ plans }} as plans
    inner join {{ ref("int_user_managers") }} as managers on plans.owner_id = managers.manager_id
    inner join {{ plans }} as lower_plans
        on
            managers.user_id = lower_plans.owner_id
            and plans.period_start_date <= lower_plans.period_end_date
            and plans.period_end_date >= lower_plans.period_start_date
    {%- if var("manager_plans") == "own" %}
    where 1 = 0
    {%- endif %}
{%- endmacro %}

{#- A query: everybody whose deals a manager's plan is about, `manager_id` and `user_id`: all below, and the manager. -#}
{% macro users_of_managers() -%}
    select
        manager_id,
        user_id
    from {{ ref("int_user_managers") }}
    union all
    select distinct
        manager_id,
        manager_id as user_id
    from {{ ref("int_user_managers") }}
{%- endmacro %}

{#-
    A query: the rows of `cells` (of `kpi_cells`, with `owner_id`, `is_rollup` and the two dates of a plan's own period)
    that count in their cell. A plan counts in the periods that hold all of it; where an owner has plans that hold one
    another, as a quarter's and its months', the longest; and a rolled up one in segment `manager_rollup` only, as all
    others hold what it is the sum of.

    also: further columns by which plans are told apart.
-#}
{% macro plans_that_count(cells, also=[]) -%}
    {%- set keys = ["period_grain", "period_start", "segment_type", "segment_value", "owner_id", "is_rollup"] + also -%}
    select cells.*
    from {{ cells }} as cells
    left join (
        select distinct
            {{ keys | join(", ") }},
            period_start_date,
            period_end_date,
            period_end
        from {{ cells }}
    ) as longer
        on
            {%- for column in keys %}
            cells.{{ column }} = longer.{{ column }} and
            {%- endfor %}
            longer.period_end_date <= longer.period_end
            and longer.period_start_date <= cells.period_start_date
            and longer.period_end_date >= cells.period_end_date
            and (
                longer.period_start_date < cells.period_start_date
                or longer.period_end_date > cells.period_end_date
            )
    where
        longer.owner_id is null
        and cells.period_end_date <= cells.period_end
        and (cells.segment_type = 'manager_rollup') = cells.is_rollup
{%- endmacro %}

{#- How plans are segmented: {segment_type: column of the facts}; see `plans_that_count`. -#}
{% macro plan_segments() -%}
    {{ return({"owner": "owner_id", "team": "team", "manager": "manager_id", "manager_rollup": "owner_id"}) }}
{%- endmacro %}
