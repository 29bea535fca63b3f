"""What every DAG of this project shares: which night it is, what is retried, what a failure says."""

import logging
import shlex
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from airflow.sdk import Context, ExceptionRetryPolicy, RetryAction, RetryRule, Variable, get_current_context
from airflow.sdk.exceptions import AirflowRescheduleException

from pipeline.errors import DeliveryError, GateError, PartlyDoneError, UsageError

if TYPE_CHECKING:
    from pipeline.steps import Run

log = logging.getLogger("touchledger.dags")

WAREHOUSE_POOL = "warehouse"
"""One slot, because DuckDB has one writing process. Without the pool its tasks stay scheduled for ever."""

TURN = "touchledger_turn"
"""The Airflow variable that names the run whose night is in the warehouse."""

LOOK_AGAIN_AFTER = timedelta(seconds=30)

WAIT_FOR_WAREHOUSE_SECONDS = 600.0
"""How long a task waits for a person at the command line to finish writing, before it is retried."""


def business_date(context: Context) -> str:
    """The night a run is for, `YYYY-MM-DD`: the param, else the day of the logical date in UTC.

    Both stay with the run, so a cleared task and a retry after midnight have the same date.
    Raises `UsageError` when the run has neither.
    """
    given = context["params"].get("business_date")
    if given is not None:
        return str(given)
    logical_date = context["dag_run"].logical_date
    if logical_date is None:
        raise UsageError(
            f"run {context['dag_run'].run_id!r} has no logical date and no business date; trigger it again with "
            'one of them, e.g. --conf \'{"business_date": "2026-06-30"}\''
        )
    return logical_date.astimezone(UTC).date().isoformat()


def wait_for_turn(context: Context) -> None:
    """Let one night finish before another begins: a step must never read what another night built.

    `max_active_runs` is not enough, a backfill has its own count. The turn belongs to the run that
    took it for as long as that run is running; until then the task is rescheduled and holds no slot.
    The pool's one slot makes looking and taking one act.
    """
    run = context["dag_run"]
    mine = {"dag_id": run.dag_id, "run_id": run.run_id}
    holder = Variable.get(TURN, default=None, deserialize_json=True)
    if holder == mine:
        return
    if holder and context["ti"].get_dr_count(holder["dag_id"], run_ids=[holder["run_id"]], states=["running"]):
        log.info("waiting for %s %s to finish its night", holder["dag_id"], holder["run_id"])
        raise AirflowRescheduleException(datetime.now(UTC) + LOOK_AGAIN_AFTER)
    Variable.set(TURN, mine, description="The run whose night is in the warehouse", serialize_json=True)


def this_run() -> "Run":
    """What `pipeline.steps` need to know of the run whose task is executing."""
    from pipeline import steps

    context = get_current_context()
    if context["task"].pool == WAREHOUSE_POOL:
        wait_for_turn(context)
    return steps.Run(
        business_date=steps.parse_business_date(business_date(context)),
        run_id=context["dag_run"].run_id,
        wait_seconds=WAIT_FOR_WAREHOUSE_SECONDS,
    )


def say_what_failed(context: Context) -> None:
    """Log what failed for which night, where its log is, and how to run it again."""
    log.error("%s", failure_message(context))


def failure_message(context: Context) -> str:
    """The message of a task that has failed for good, readable without the traceback."""
    instance, run, error = context["ti"], context["dag_run"], context.get("exception")
    task = instance.task_id if (instance.map_index or 0) < 0 else f"{instance.task_id}[{instance.map_index}]"
    lines = [
        f"  why:    {type(error).__name__}: {error}" if error is not None else "  why:    see the log",
        f"  log:    {instance.log_url}",
    ]
    try:
        night = business_date(context)
    except UsageError:
        night = "none"
    else:
        run_id = shlex.quote(run.run_id)
        lines += [
            f"  again:  airflow dags clear {instance.dag_id} --run-id {run_id} --only-failed --yes",
            f"          (without Airflow: touchledger run --date {night})",
        ]
    headline = f"{instance.dag_id}: task {task} failed for business date {night}, on try {instance.try_number}"
    return "\n".join([headline, *lines])


DEFAULT_ARGS: dict[str, Any] = {
    "retries": 3,
    "retry_delay": timedelta(minutes=2),
    "retry_exponential_backoff": 2.0,
    "max_retry_delay": timedelta(minutes=30),
    "retry_policy": ExceptionRetryPolicy(
        [
            RetryRule(
                exception=[GateError, DeliveryError, PartlyDoneError, UsageError],
                action=RetryAction.FAIL,
                reason="the same input would fail the same way",
            )
        ]
    ),
    "execution_timeout": timedelta(hours=1),
    "on_failure_callback": say_what_failed,
}
"""Retries for what passes by itself (a busy warehouse, a full disk); none for what a person must decide."""
