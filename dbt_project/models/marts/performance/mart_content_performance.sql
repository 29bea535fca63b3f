{{ performance_by({
    'touch_kind': 'coalesce(touch_kind, credit_kind)',
    'content_name': "coalesce(content_name, 'no_content')",
}) }},

final as (
    select {{ contract_columns() }}
    from performance
)

select * from final
