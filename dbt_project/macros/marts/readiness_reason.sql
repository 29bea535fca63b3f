{#- Why mart_attribution_readiness suggests a model, by its column `suggestion_basis`. -#}
{% macro readiness_reason() -%}
    {%- set least = var("attribution_readiness")["least_conversions"] -%}
    {%- set too_little = "too little to learn weights from ({conversion_count} conversions over {channel_count} channels,"
        ~ " {not_converted_count} journeys that did not convert)" -%}
    {%- set reasons = {
        "too_few_conversions":
            "Only {conversion_count} of the " ~ least ~ " conversions that shares by channel need: a rule describes them,"
            ~ " no model can say which channel works. Read the model of the goal, and no channel's share on its own.",
        "touches_not_recorded":
            "{unattributed_share%}% of the conversions have no recorded touch: no model can credit what is not there."
            ~ " Record touches first; the model of the goal tells of the rest.",
        "single_touch_journeys":
            "{single_touch_share%}% of the conversions have one touch: every rule gives it all, so the simplest says as"
            ~ " much.",
        "enough_for_data_driven":
            "{conversion_count} conversions over {channel_count} channels and {not_converted_count} journeys that did"
            ~ " not convert: enough to learn from. Read it with its interval, beside the model of the goal, and believe"
            ~ " it as far as mart_evaluation_summary does.",
        "long_journeys":
            "Half of the journeys have {median_touch_count} touches or more, and there is " ~ too_little ~ ": weigh the"
            ~ " milestones that the goal is about.",
        "short_journeys":
            "Half of the journeys have {median_touch_count} touches or fewer, and there is " ~ too_little
            ~ ": positions say little, share alike.",
    } -%}
    case suggestion_basis
        {%- for basis, reason in reasons.items() %}
        when '{{ basis }}' then {{ sentence(reason) }}
        {%- endfor %}
    end
{%- endmacro %}
