with experiments as (
    select * from {{ ref("fct_experiments") }}
    where measured_until <= {{ business_date() }}
),

models as (
    select distinct
        conversion_type,
        model_name
    from {{ ref("fct_credits") }}
    where coalesce(credit_reason, '') != 'not_enough_data'
),

compared as (
    select
        experiments.*,
        models.model_name
    from experiments
    inner join models on experiments.conversion_type = models.conversion_type
),

-- The control group had none of the channel meanwhile, so all such credit is of those that were treated.
credited as (
    select
        compared.source_system,
        compared.experiment_id,
        compared.conversion_type,
        compared.model_name,
        {{ exact_sum("credits.credit_share") }} as credited_count
    from compared
    inner join {{ ref("fct_credits") }} as credits
        on
            compared.conversion_type = credits.conversion_type
            and compared.model_name = credits.model_name
            and compared.channel = credits.channel
            and compared.starts_on <= credits.touched_date
            and compared.ends_on >= credits.touched_date
            and compared.measured_until >= credits.reporting_date
    group by compared.source_system, compared.experiment_id, compared.conversion_type, compared.model_name
),

spend as (
    select
        experiments.source_system,
        experiments.experiment_id,
        experiments.conversion_type,
        sum(spend.amount_reporting) as spend_amount_reporting
    from experiments
    inner join {{ ref("fct_spend") }} as spend
        on
            experiments.channel = spend.channel
            and experiments.starts_on <= spend.spend_date
            and experiments.ends_on >= spend.spend_date
    group by experiments.source_system, experiments.experiment_id, experiments.conversion_type
),

joined as (
    select
        compared.*,
        coalesce(credited.credited_count, 0) as credited_count,
        coalesce(credited.credited_count, 0) / nullif(compared.increment, 0) as credited_per_increment,
        abs(coalesce(credited.credited_count, 0) - compared.increment)
        <= 1.6448536269514722 * compared.standard_error as is_within_interval,
        spend.spend_amount_reporting,
        {{ ratio("spend.spend_amount_reporting", "credited.credited_count") }} as spend_per_credited_conversion,
        {{ ratio("spend.spend_amount_reporting", "compared.increment") }} as spend_per_caused_conversion,
        '{{ var("reporting_currency") }}' as reporting_currency
    from compared
    left join credited
        on
            compared.source_system = credited.source_system
            and compared.experiment_id = credited.experiment_id
            and compared.conversion_type = credited.conversion_type
            and compared.model_name = credited.model_name
    left join spend
        on
            compared.source_system = spend.source_system
            and compared.experiment_id = spend.experiment_id
            and compared.conversion_type = spend.conversion_type
),

final as (
    select {{ contract_columns() }}
    from joined
)

select * from final
