{#-
    The place of a person's stage in the funnel; null for stages outside it. `converted` is the conversion of a lead
    record: no stage of its own, it shows that the stages before it were passed.
-#}
{% macro funnel_order(stage) -%}
    case {{ stage }}
        when 'inquiry' then 1
        when 'mql' then 2
        when 'sal' then 3
        when 'sql' then 4
        when 'converted' then 5
        when 'opportunity' then 6
        when 'won' then 7
        when 'lost' then 7
    end
{%- endmacro %}


{#- Whether a stage ends a cycle: an MQL that comes after one starts the next. -#}
{% macro ends_cycle(stage) -%}
    {{ stage }} in ('rejected', 'recycled', 'disqualified', 'won', 'lost')
{%- endmacro %}
