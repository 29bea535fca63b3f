{#-
    The pairs of touches that one rule of var `touch_matching.rules` calls one act: a select of
    (touch_id, kept_touch_id, rule, rule_number, gap_seconds, evidence), each absorbed touch with
    its nearest kept one.

    A rule: `name`; `keep` and `absorb`, two touch kinds; `same`, columns of
    int_touches_identified that must be equal and present; and how near the two must be,
    `same_day: true` (the organisation's day) or `minutes_before` / `minutes_after` (how long
    before and after the kept touch the absorbed one may stand). With `absorb_all: true` a kept
    touch absorbs every such touch, otherwise only its nearest.
-#}
{% macro touch_matches(rule, rule_number, relation) -%}
    {%- for name in ["name", "keep", "absorb", "same"] if name not in rule -%}
        {{ exceptions.raise_compiler_error("a rule of var touch_matching has no '" ~ name ~ "': " ~ rule) }}
    {%- endfor -%}
    {%- if not rule.same_day and ("minutes_before" not in rule or "minutes_after" not in rule) -%}
        {{ exceptions.raise_compiler_error(
            "rule '" ~ rule.name ~ "' of var touch_matching needs same_day: true, or minutes_before and minutes_after"
        ) }}
    {%- endif -%}
    select
        touch_id,
        kept_touch_id,
        '{{ rule.name }}' as rule,
        {{ rule_number }} as rule_number,
        gap_seconds,
        evidence
    from (
        select
            *,
            row_number() over (
                partition by kept_touch_id
                order by abs(gap_seconds), touched_at, touch_id
            ) as absorbed_rank
        from (
            select
                absorbed.touch_id,
                absorbed.touched_at,
                kept.touch_id as kept_touch_id,
                {{ microseconds_between("kept.touched_at", "absorbed.touched_at") }} / 1e6 as gap_seconds,
                concat(
                    {%- for column in rule.same %}
                    '{{ column }}=', cast(kept.{{ column }} as {{ sql_type("string") }})
                    {{- ", ' ', " if not loop.last }}
                    {%- endfor %}
                ) as evidence,
                row_number() over (
                    partition by absorbed.touch_id
                    order by
                        abs({{ microseconds_between("kept.touched_at", "absorbed.touched_at") }}),
                        kept.touched_at,
                        kept.touch_id
                ) as kept_rank
            from {{ relation }} as absorbed
            inner join {{ relation }} as kept
                on
                    kept.touch_kind = '{{ rule.keep }}'
                    {%- for column in rule.same %}
                    and kept.{{ column }} = absorbed.{{ column }}
                    {%- endfor %}
                    {%- if rule.same_day %}
                    and kept.touched_on = absorbed.touched_on
                    {%- else %}
                    and absorbed.touched_at
                    >= {{ add_elapsed_days("kept.touched_at", "-" ~ rule.minutes_before ~ " / 1440e0") }}
                    and absorbed.touched_at
                    <= {{ add_elapsed_days("kept.touched_at", rule.minutes_after ~ " / 1440e0") }}
                    {%- endif %}
            where absorbed.touch_kind = '{{ rule.absorb }}'
        ) as nearest
        where kept_rank = 1
    ) as matched
    {%- if not rule.absorb_all %}
    where absorbed_rank = 1
    {%- endif %}
{%- endmacro %}
