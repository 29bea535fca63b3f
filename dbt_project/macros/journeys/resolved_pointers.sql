{#-
    CTEs that follow pointers (`id`, `next_id`, one row per id) to their end: ends in `resolved`
    (`id`, `root_id`), one row per pointer.

    Walks up to `steps` pointers, a plain join each, so that every engine plans it alike. Records
    that point at each other in a circle resolve to the smallest id of the circle.
-#}
{% macro resolved_pointers(pointers, steps=10) -%}
walk_0 as (

    select
        id,
        next_id as end_id,
        least(id, next_id) as smallest_id
    from {{ pointers }}

),
{% for step in range(1, steps + 1) %}
walk_{{ step }} as (

    select
        walk.id,
        coalesce(pointer.next_id, walk.end_id) as end_id,
        least(walk.smallest_id, coalesce(pointer.next_id, walk.smallest_id)) as smallest_id
    from walk_{{ step - 1 }} as walk
    left join {{ pointers }} as pointer on walk.end_id = pointer.id

),
{% endfor %}
resolved as (

    select
        walk.id,
        case when circle.id is null then walk.end_id else circle.smallest_id end as root_id
    from walk_{{ steps }} as walk
    left join walk_{{ steps }} as circle on walk.end_id = circle.id

)
{%- endmacro %}
