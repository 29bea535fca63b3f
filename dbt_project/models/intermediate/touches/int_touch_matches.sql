{%- set matching = var("touch_matching") -%}
{%- set rules = matching.get("rules", []) -%}
{%- set columns = ["touch_kind"] -%}
{%- for rule in rules -%}
    {%- for column in rule.same if column not in columns -%} {%- do columns.append(column) -%} {%- endfor -%}
{%- endfor -%}
with touches as (

    select
        touch_id,
        touched_at,
        {{ local_date("touched_at") }} as touched_on,
        {{ columns | join(",\n        ") }}
    from {{ ref("int_touches_identified") }}

),

matches as (
    {% for rule in rules %}
    {{ touch_matches(rule, loop.index, "touches") }}
    {% if not loop.last %}
    union all
    {% endif %}
    {% else %}
    select
        touch_id,
        touch_id as kept_touch_id,
        cast(null as {{ sql_type("string") }}) as rule,
        1 as rule_number,
        0e0 as gap_seconds,
        cast(null as {{ sql_type("string") }}) as evidence
    from touches
    where 1 = 0
    {% endfor %}
),

first_matches as (

    select *
    from (
        select
            *,
            row_number() over (partition by touch_id order by rule_number) as match_rank
        from matches
    ) as ranked
    where match_rank = 1

),

pointers as (

    select
        touch_id as id,
        kept_touch_id as next_id
    from first_matches

),

{{ resolved_pointers("pointers") }},

absorbed as (

    select
        first_matches.touch_id,
        first_matches.kept_touch_id,
        resolved.root_id as surviving_touch_id,
        first_matches.rule,
        first_matches.gap_seconds,
        first_matches.evidence
    from first_matches
    inner join resolved on first_matches.touch_id = resolved.id
    where resolved.root_id != first_matches.touch_id

)

select * from absorbed
