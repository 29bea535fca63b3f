{{ config(
    materialized="incremental",
    schema="history",
    incremental_strategy="append",
    full_refresh=false,
    pre_hook="{{ discard_open_night(this, 'seen_date') }}"
) }}
{%- set seeds = {
    "lead_status_stages": ["source_system", "status", "stage"],
    "opportunity_stages": ["source_system", "stage_name", "stage_order", "is_closed", "is_won"],
} -%}
-- The seeds say what a stage means; who edits them changes the funnel of all history. A night writes a row where they
-- differ from what the newest row before it says.
with current_definitions as (
    {%- for seed, columns in seeds.items() %}
        select
            '{{ seed }}' as definition_type,
            {{ joined_texts("definition", "; ", "definition") }} as definitions
        from (
            select
                concat_ws(
                    ' ',
                    {%- for column in columns %}
                        coalesce(cast({{ column }} as {{ sql_type("string") }}), '-'){{ "," if not loop.last }}
                    {%- endfor %}
                ) as definition
            from {{ ref(seed) }}
        ) as {{ seed }}_texts
        {%- if not loop.last %}
            union all
        {%- endif %}
    {%- endfor %}
),

seen as (
    select
        {{ business_date() }} as seen_date,
        current_definitions.definition_type,
        current_definitions.definitions
    from current_definitions
    {%- if is_incremental() %}
        left join (
            select
                definition_type,
                definitions,
                row_number() over (partition by definition_type order by seen_date desc) as age_number
            from {{ this }}
            where seen_date <= {{ business_date() }}
        ) as known
            on current_definitions.definition_type = known.definition_type and known.age_number = 1
        where known.definitions is null or known.definitions != current_definitions.definitions
    {%- endif %}
)

select * from seen
