with fits as (
    select
        *,
        definition as definition_json,
        parameters as parameters_json,
        diagnostics as diagnostics_json,
        warnings as warnings_json
    from {{ source("attribution", "model_fits") }}
    where business_date <= {{ business_date() }}
),

last_runs as (
    select max(run_number) as run_number
    from {{ source("attribution", "runs") }}
    where business_date = {{ business_date() }}
),

declared as (
    select
        models.model_name,
        models.definition
    from {{ source("attribution", "run_models") }} as models
    inner join last_runs on models.run_number = last_runs.run_number
),

-- A model declared otherwise keeps its old fits, and a night weighs by the newest of its own declaration.
ranked as (
    select
        fits.*,
        row_number() over (
            partition by fits.model_name, fits.conversion_type
            order by
                case when fits.definition = declared.definition then 0 else 1 end,
                fits.business_date desc,
                fits.fit_number desc
        ) = 1 as is_newest
    from fits
    left join declared on fits.model_name = declared.model_name
),

final as (
    select {{ contract_columns() }}
    from ranked
)

select * from final
