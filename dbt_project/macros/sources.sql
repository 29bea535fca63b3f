{#- Whether a source is in var `enabled_sources`: the models of others are switched off. -#}
{% macro source_enabled(source_name) -%}
    {{ return(source_name in var("enabled_sources")) }}
{%- endmacro %}


{#-
    The current row of each natural key of a raw table, as of var `business_date`.

    Rows that count from a later date are not seen; the highest version wins, ties by the row's
    hash, so the order of deliveries does not matter; a key whose current row is a tombstone is
    gone, save where `keep_deleted_when` (a condition) holds: a record that was merged into another is
    deleted and still says into which. Key, version and deleted column are the contract's, read from
    the source's `meta`.
-#}
{% macro latest_version(source_name, entity, keep_deleted_when=none) -%}
    {%- set relation = source(source_name, entity) -%}
    {%- if execute -%}
        {%- set meta = graph.sources["source." ~ project_name ~ "." ~ source_name ~ "." ~ entity].config.meta -%}
    {%- else -%}
        {%- set meta = {"natural_key": ["_row_hash"]} -%}
    {%- endif -%}
    select * from (
        select
            *,
            row_number() over (
                partition by {{ meta.natural_key | join(", ") }}
                order by {{ meta.version_column ~ " desc, " if meta.version_column }}_row_hash desc
            ) as _version_rank
        from {{ relation }}
        where _effective_date <= {{ business_date() }}
    ) as versions
    where _version_rank = 1
    {%- if meta.deleted_column %}
        and (not coalesce({{ meta.deleted_column }}, false){{ " or " ~ keep_deleted_when if keep_deleted_when }})
    {%- endif %}
{%- endmacro %}


{#- Every version of each record of a raw table that counts on var `business_date`: for what must stay as it was said. -#}
{% macro every_version(source_name, entity) -%}
    select * from {{ source(source_name, entity) }}
    where _effective_date <= {{ business_date() }}
{%- endmacro %}


{#- Var `business_date` as a date. -#}
{% macro business_date() -%}
    cast('{{ var("business_date") }}' as date)
{%- endmacro %}
