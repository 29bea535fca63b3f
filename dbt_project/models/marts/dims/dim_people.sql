with people as (
    select
        people.*,
        {{ domain_of_email("people.email") }} as email_domain
    from {{ ref("int_people_resolved") }} as people
),

final as (
    select {{ contract_columns() }}
    from people
)

select * from final
