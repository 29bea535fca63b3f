with experiments as (

    {{ union_canonical("experiments") }}

),

final as (

    select
        {{ canonical_list("experiments", "experiments") }}
    from experiments

)

select * from final
