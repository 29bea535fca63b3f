with users as (
    select * from {{ ref("int_crm_users") }}
),

named as (
    select
        users.*,
        coalesce(users.team, managers.team) as own_or_managers_team,
        managers.user_name as manager_name
    from users
    left join users as managers on users.manager_id = managers.user_id
),

final as (
    select {{ contract_columns({"team": "own_or_managers_team"}) }}
    from named
)

select * from final
