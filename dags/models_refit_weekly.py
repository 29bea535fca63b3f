"""`models_refit_weekly`: once a week, new fits for the learnt models, and how far each model can be believed.

Runs on Sunday at 06:00 UTC on what the night of Saturday left in the warehouse. The next night weighs by the new
fits and builds the marts of both; `attribution.model_fit_changes` says what each fit changes, the report lies in
`evaluation/` of the home folder.

At 3 a.m., when it is red:

1. Nothing waits for it: the nights go on with the fits they have, and the last evaluation stands.
2. "needs that night's journeys": Saturday's night failed or came late. Run `revenue_nightly` for it, then clear the
   tasks. Once Sunday's night has run, trigger anew with that date: `--conf '{"business_date": "YYYY-MM-DD"}'`.
3. `refit` names models that it could not fit: the fits of all others are kept, and nights go on with the old fits of
   those. Clear `evaluate` alone; look at `model_parameters`, then `touchledger refit --date YYYY-MM-DD --dry-run`.
4. `evaluate` takes long, and may be cleared without `refit`: it fits for itself, and keeps nothing when it fails.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from airflow.sdk import CronTriggerTimetable, Param, dag, task
from house_rules import DEFAULT_ARGS, WAREHOUSE_POOL, this_run


@dag(
    # The interval of a day makes Saturday the logical date of a run that starts on Sunday.
    schedule=CronTriggerTimetable("0 6 * * 0", timezone="UTC", interval=timedelta(days=1)),
    start_date=datetime(2000, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    default_args=DEFAULT_ARGS,
    params={
        "business_date": Param(
            None,
            type=["null", "string"],
            format="date",
            description="The night in the warehouse, YYYY-MM-DD. Empty: the day of the logical date in UTC.",
        ),
    },
    description="New fits for the learnt models, and an evaluation of all.",
    doc_md=__doc__,
    tags=["touchledger"],
)
def models_refit_weekly() -> None:
    """Steps `refit` and `evaluate` of `pipeline.steps`."""

    @task(pool=WAREHOUSE_POOL, execution_timeout=timedelta(hours=3))
    def refit() -> dict[str, Any]:
        from pipeline import steps

        return steps.refit(this_run())

    @task(pool=WAREHOUSE_POOL, execution_timeout=timedelta(hours=3))
    def evaluate() -> dict[str, Any]:
        from pipeline import steps

        return steps.evaluate(this_run())

    refit() >> evaluate()


models_refit_weekly()
