with users as (
    select * from {{ ref("int_crm_users") }}
),

named as (
    select
        users.*,
        managers.user_name as manager_name
    from users
    left join users as managers on users.manager_id = managers.user_id
),

final as (
    select {{ contract_columns() }}
    from named
)

select * from final
