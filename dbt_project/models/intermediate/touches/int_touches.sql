{%- set shared = ["visitor_id", "email", "campaign_id", "campaign_name", "content_name", "landing_page", "click_id",
    "company_name"] -%}
{%- set of_channel = ["channel", "channel_group", "channel_hint", "is_direct", "utm_source", "utm_medium",
    "utm_campaign", "referrer_domain"] -%}
{%- set channel_from = var("touch_matching").get("channel_from", []) -%}
-- A touch that several systems saw keeps its own values; what it lacks, the touches it absorbed tell, in the order of
-- source precedence. Its channel is told by the kind that var touch_matching.channel_from names first: an ad click
-- knows better than the form that was filled in behind it.
with touches as (

    select * from {{ ref("int_touches_identified") }}

),

matches as (

    select * from {{ ref("int_touch_matches") }}

),

acts as (

    select
        surviving_touch_id,
        touch_id,
        1 as is_absorbed
    from matches

    union all

    select distinct
        surviving_touch_id,
        surviving_touch_id as touch_id,
        0 as is_absorbed
    from matches

),

ranked as (

    select
        acts.surviving_touch_id,
        touches.*,
        row_number() over (
            partition by acts.surviving_touch_id
            order by acts.is_absorbed, touches.source_precedence, touches.touched_at, touches.touch_id
        ) as act_rank,
        row_number() over (
            partition by acts.surviving_touch_id
            order by
                case touches.touch_kind
                    {%- for kind in channel_from %}
                        when '{{ kind }}' then {{ loop.index }}
                    {%- endfor %}
                    when '' then 0
                    else {{ channel_from | length + 1 }}
                end,
                acts.is_absorbed,
                touches.source_precedence,
                touches.touched_at,
                touches.touch_id
        ) as channel_rank
    from acts
    inner join touches on acts.touch_id = touches.touch_id

),

merged as (

    select
        surviving_touch_id,
        {%- for column in shared %}
            min_by({{ column }}, act_rank) filter (where {{ column }} is not null) as {{ column }},
        {%- endfor %}
        {%- for column in ["person_id", "person_key", "person_rule"] %}
            min_by({{ column }}, act_rank) filter (where person_id is not null) as {{ column }},
        {%- endfor %}
        {%- for column in ["account_id", "account_rule"] %}
            min_by({{ column }}, act_rank) filter (where account_id is not null) as {{ column }},
        {%- endfor %}
        {%- for column in of_channel %}
            max(case when channel_rank = 1 then {{ column }} end) as {{ column }},
        {%- endfor %}
        count(*) - 1 as merged_touch_count
    from ranked
    group by surviving_touch_id

),

survivors as (

    select
        touches.source_system,
        touches.source_precedence,
        touches.touch_id,
        touches.touch_kind,
        touches.touched_at,
        touches.is_date_only,
        {%- for column in shared + ["person_id", "person_key", "person_rule", "account_id", "account_rule"] %}
            coalesce(merged.{{ column }}, touches.{{ column }}) as {{ column }},
        {%- endfor %}
        {%- for column in of_channel %}
            case when merged.surviving_touch_id is null then touches.{{ column }} else merged.{{ column }} end
                as {{ column }},
        {%- endfor %}
        touches.is_offline,
        touches.is_marketing,
        coalesce(merged.merged_touch_count, 0) as merged_touch_count
    from touches
    left join matches on touches.touch_id = matches.touch_id
    left join merged on touches.touch_id = merged.surviving_touch_id
    where matches.touch_id is null

)

select * from survivors
