{#-
    The first rule of seed `channel_rules` that each distinct combination of values matches.

    `relation` is a relation with `combination_id` and the columns that rules look at. A pattern is a regular
    expression for the whole lower-case value; an empty one matches everything, `-` only an absent value.
    Gives `combination_id, channel, rule_priority`; a combination that no rule matches is not there.
-#}
{% macro first_channel_rule(relation) -%}
    {%- set columns = ["touch_kind", "channel_hint", "utm_source", "utm_medium", "utm_campaign", "referrer_domain"] -%}
    select
        matches.combination_id,
        min_by(matches.channel, matches.priority) as channel,
        min(matches.priority) as rule_priority

    from (
        select
            combinations.combination_id,
            rules.channel,
            rules.priority

        from {{ relation }} as combinations
        inner join {{ ref("channel_rules") }} as rules
            on
                {%- for column in columns %}
                {{ "and " if not loop.first }}(
                    coalesce(rules.{{ column }}, '') = ''
                    or (rules.{{ column }} = '-' and nullif(trim(combinations.{{ column }}), '') is null)
                    or {{ regexp_matches_whole("lower(trim(combinations." ~ column ~ "))", "rules." ~ column) }}
                )
                {%- endfor %}
                and coalesce(rules.has_click_id, '')
                    in ('', case when combinations.has_click_id then 'true' else 'false' end)
    ) as matches
    group by matches.combination_id
{%- endmacro %}
