{#- Whether the whole of a text matches a regular expression (both are SQL expressions). -#}
{% macro regexp_matches_whole(text, pattern) -%}
    {{ return(adapter.dispatch("regexp_matches_whole")(text, pattern)) }}
{%- endmacro %}

{% macro default__regexp_matches_whole(text, pattern) -%}
    regexp_full_match({{ text }}, {{ pattern }})
{%- endmacro %}

{% macro spark__regexp_matches_whole(text, pattern) -%}
    ({{ text }} rlike concat('^(?:', {{ pattern }}, ')$'))
{%- endmacro %}


{#- The first match of a group of a pattern (a quoted literal) in a text; empty where there is none. -#}
{% macro regexp_extract(text, pattern, group=1) -%}
    regexp_extract({{ text }}, {{ pattern }}, {{ group }})
{%- endmacro %}


{#- A text with every match of a pattern (a quoted literal) replaced. -#}
{% macro regexp_replace_all(text, pattern, replacement="''") -%}
    {{ return(adapter.dispatch("regexp_replace_all")(text, pattern, replacement)) }}
{%- endmacro %}

{% macro default__regexp_replace_all(text, pattern, replacement) -%}
    regexp_replace({{ text }}, {{ pattern }}, {{ replacement }}, 'g')
{%- endmacro %}

{% macro spark__regexp_replace_all(text, pattern, replacement) -%}
    regexp_replace({{ text }}, {{ pattern }}, {{ replacement }})
{%- endmacro %}


{#- The text at a JSON path (such as `$.name`) of a JSON column; null where there is none. -#}
{% macro json_text(column, path) -%}
    {{ return(adapter.dispatch("json_text")(column, path)) }}
{%- endmacro %}

{% macro default__json_text(column, path) -%}
    json_extract_string({{ column }}, '{{ path }}')
{%- endmacro %}

{% macro spark__json_text(column, path) -%}
    get_json_object({{ column }}, '{{ path }}')
{%- endmacro %}


{#- Aggregate: the texts of a group in the order of an expression, joined by a separator. -#}
{% macro joined_texts(text, separator, order_by) -%}
    {{ return(adapter.dispatch("joined_texts")(text, separator, order_by)) }}
{%- endmacro %}

{% macro default__joined_texts(text, separator, order_by) -%}
    string_agg({{ text }}, '{{ separator }}' order by {{ order_by }})
{%- endmacro %}

{% macro spark__joined_texts(text, separator, order_by) -%}
    concat_ws('{{ separator }}', transform(
        array_sort(collect_list(struct({{ order_by }} as place, {{ text }} as text))), pair -> pair.text
    ))
{%- endmacro %}


{#- Aggregate: the interpolated percentile (0-1) of a number. -#}
{% macro percentile_of(number, share) -%}
    {{ return(adapter.dispatch("percentile_of")(number, share)) }}
{%- endmacro %}

{% macro default__percentile_of(number, share) -%}
    quantile_cont({{ number }}, {{ share }})
{%- endmacro %}

{% macro spark__percentile_of(number, share) -%}
    percentile({{ number }}, {{ share }})
{%- endmacro %}
