{%- set criteria = ["interest", "budget", "authority", "timeline"] -%}
with records as (
    select * from {{ ref("int_crm_people") }}
),

dated as (
    {%- for criterion in criteria %}
        select
            source_system,
            person_id as record_id,
            '{{ criterion }}' as criterion,
            {{ criterion }}_date as qualified_date
        from records
        where {{ criterion }}_date is not null
        {%- if not loop.last %}
            union all
        {%- endif %}
    {%- endfor %}
),

-- Of merged records the one that knew first counts.
ranked as (
    select
        members.person_id,
        dated.*,
        people.score,
        row_number() over (
            partition by members.person_id, dated.criterion
            order by dated.qualified_date, dated.record_id
        ) as record_rank
    from dated
    inner join {{ ref("int_person_members") }} as members on dated.record_id = members.member_person_id
    inner join {{ ref("int_people_resolved") }} as people on members.person_id = people.person_id
),

named as (
    select
        ranked.*,
        fields.field_name as source_field
    from ranked
    left join {{ ref("qualification_fields") }} as fields
        on ranked.source_system = fields.source_system and ranked.criterion = fields.criterion
    where ranked.record_rank = 1
),

final as (
    select {{ contract_columns() }}
    from named
)

select * from final
