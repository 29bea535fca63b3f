-- Open opportunities are in the pipeline credit alone, and all of them are.
select
    credits.credit_id,
    credits.conversion_type,
    credits.amount_kind,
    pipeline.credit_id is not null as is_in_pipeline
from {{ ref("fct_credits") }} as credits
left join {{ ref("fct_pipeline_credits") }} as pipeline on credits.credit_id = pipeline.credit_id
where
    (credits.amount_kind = 'open_pipeline') != (pipeline.credit_id is not null)
    or (credits.conversion_type = 'won' and credits.opportunity_status != 'won')
