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

runs as (
    select
        run_number,
        finished_at,
        row_number() over (order by run_number desc) as newest_number
    from {{ source("attribution", "runs") }}
    where business_date = {{ business_date() }}
),

declared as (
    select
        models.model_name,
        models.definition,
        runs.finished_at
    from {{ source("attribution", "run_models") }} as models
    inner join runs on models.run_number = runs.run_number
    where runs.newest_number = 1
),

-- Fits of models as the night declares them, alone or in a mix, that were there when it credited: a refit after it
-- counts from the next. A model declared otherwise, or switched off, keeps its old fits.
usable as (
    select distinct fits.fit_number
    from fits
    inner join declared
        on
            fits.fitted_at <= declared.finished_at
            and (
                (fits.model_name = declared.model_name and fits.definition = declared.definition)
                or instr(declared.definition, concat('"', fits.model_name, '": ', fits.definition)) > 0
            )
),

ranked as (
    select
        fits.*,
        usable.fit_number is not null and row_number() over (
            partition by fits.model_name, fits.conversion_type, usable.fit_number is null
            order by fits.business_date desc, fits.fit_number desc
        ) = 1 as is_newest
    from fits
    left join usable on fits.fit_number = usable.fit_number
),

final as (
    select {{ contract_columns() }}
    from ranked
)

select * from final
