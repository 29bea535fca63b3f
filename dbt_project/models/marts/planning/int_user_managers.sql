{{ config(schema="intermediate") }}
{%- set doublings = 4 -%}
-- Everybody above a user, up to sixteen levels: each step joins the known ways to themselves and doubles their length.
-- Users who manage each other in a circle manage nobody in it.
with way_0 as (
    select
        user_id,
        manager_id
    from {{ ref("dim_users") }}
    where manager_id is not null
),
{% for step in range(doublings) %}
    way_{{ step + 1 }} as (
        select
            user_id,
            manager_id
        from way_{{ step }}
        union
        select
            lower_way.user_id,
            upper_way.manager_id
        from way_{{ step }} as lower_way
        inner join way_{{ step }} as upper_way on lower_way.manager_id = upper_way.user_id
    ),
{% endfor %}
managers as (
    select
        ways.user_id,
        ways.manager_id
    from way_{{ doublings }} as ways
    left join way_{{ doublings }} as back on ways.user_id = back.manager_id and ways.manager_id = back.user_id
    where back.user_id is null
)

select * from managers
