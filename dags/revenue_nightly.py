"""`revenue_nightly`: one night, from the extract files delivered to the published marts and credits.

The business date is the param `business_date`, else the day of the logical date in UTC: the run that
starts at 02:00 is for the day before. A delivery that did not come is a status (`missing` in
`touchledger status`), not a failure: the night goes on with what came, unless the source must deliver.

At 3 a.m., when it is red:

1. Readers are safe. Only `publish` changes what BI reads, and it runs last: last night's marts stand.
2. Open the failed task's log. Its last lines name the night, the reason and the command to run again.
3. `validate_raw`, `validate_marts`: a critical check failed, nothing was published. `touchledger status`
   names it. Have the delivery corrected, or the expectation, then clear the failed tasks.
4. `ingest`: a delivery broke its contract. `quarantine.rows` and `quarantine.files` hold file, line and
   rule. Put the corrected file beside the old one, then clear the task; what was loaded stays loaded once.
5. `build_journeys`, `attribute`, `estimate_clv`, `build_marts`: the message names the model and the log file.
6. Tasks `scheduled` for ever: the pool is missing. `airflow pools set warehouse 1 "one writer at a time"`.
7. Every task may be cleared and run again, in any state; it can also wait for the morning.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from airflow.sdk import Asset, CronDataIntervalTimetable, Param, dag, task, task_group
from house_rules import DEFAULT_ARGS, WAREHOUSE_POOL, this_run

MARTS = Asset("marts")


@dag(
    schedule=CronDataIntervalTimetable("0 2 * * *", timezone="UTC"),
    start_date=datetime(2000, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    default_args=DEFAULT_ARGS,
    params={
        "business_date": Param(
            None,
            type=["null", "string"],
            format="date",
            description="The night to run, YYYY-MM-DD. Empty: the day of the logical date in UTC.",
        ),
        "republish": Param(
            False,
            type="boolean",
            description="Let an older night replace a newer publication.",
        ),
    },
    description="One night, from the extract files delivered to the published marts and credits.",
    doc_md=__doc__,
    tags=["touchledger"],
)
def revenue_nightly() -> None:
    """One night of `pipeline.steps`; the steps' summaries are the tasks' return values."""

    @task(execution_timeout=timedelta(minutes=5))
    def plan(kind: str) -> list[str]:
        from pipeline import steps

        return steps.plan(this_run())[kind]

    @task(pool=WAREHOUSE_POOL, map_index_template="{{ task.op_kwargs['source'] }}")
    def ingest(source: str) -> dict[str, Any]:
        from pipeline import steps

        return steps.ingest(this_run(), source)

    @task_group
    def ingest_touchpoints() -> None:
        ingest.expand(source=plan("touchpoint_sources"))

    @task_group
    def ingest_crm() -> None:
        ingest.expand(source=plan("crm_sources"))

    # A project may have no source of one kind: its empty group is skipped, which must not skip the night.
    @task(pool=WAREHOUSE_POOL, trigger_rule="none_failed")
    def validate_raw() -> dict[str, Any]:
        from pipeline import steps

        return steps.validate_raw(this_run())

    @task(pool=WAREHOUSE_POOL, execution_timeout=timedelta(hours=3))
    def build_journeys() -> dict[str, Any]:
        from pipeline import steps

        return steps.build_journeys(this_run())

    @task(pool=WAREHOUSE_POOL, execution_timeout=timedelta(hours=3))
    def attribute() -> dict[str, Any]:
        from pipeline import steps

        return steps.attribute(this_run())

    @task(pool=WAREHOUSE_POOL, execution_timeout=timedelta(hours=1))
    def estimate_clv() -> dict[str, Any]:
        from pipeline import steps

        return steps.estimate_clv(this_run())

    @task(pool=WAREHOUSE_POOL, execution_timeout=timedelta(hours=3))
    def build_marts() -> dict[str, Any]:
        from pipeline import steps

        return steps.build_marts(this_run())

    @task(pool=WAREHOUSE_POOL)
    def validate_marts() -> dict[str, Any]:
        from pipeline import steps

        return steps.validate_marts(this_run())

    @task(pool=WAREHOUSE_POOL, outlets=[MARTS])
    def publish(params: Any = None, outlet_events: Any = None) -> dict[str, Any]:
        from pipeline import steps

        run = this_run()
        summary = steps.publish(run, republish=params["republish"])
        outlet_events[MARTS].extra = {"business_date": run.business_date.isoformat(), **summary}
        return summary

    ingested = [ingest_touchpoints(), ingest_crm()]
    raw = validate_raw()
    (
        ingested
        >> raw
        >> build_journeys()
        >> attribute()
        >> estimate_clv()
        >> build_marts()
        >> validate_marts()
        >> publish()
    )


revenue_nightly()
