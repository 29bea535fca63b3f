"""`revenue_nightly` run by Airflow with recording fakes for the steps: order, date, retries, messages."""

import logging
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from pipeline.errors import DeliveryError, GateError, UsageError, WarehouseBusyError
from pipeline.steps import AFTER_INGEST
from tests.dags.conftest import Recorded, parse

LOGICAL = datetime(2026, 3, 4, 2, tzinfo=UTC)


def states(run: Any) -> dict[str, str]:
    return {instance.task_id: str(instance.state) for instance in run.get_task_instances()}


def run_cleared(dag: Any, run: Any, *task_ids: str) -> None:
    """Clear tasks of a finished run as the UI does, and run just them."""
    from airflow.sdk.definitions.dag import _run_task
    from airflow.serialization.serialized_objects import DagSerialization

    DagSerialization.deserialize_dag(DagSerialization.serialize_dag(dag)).clear(task_ids=task_ids, run_id=run.run_id)
    for task_id in task_ids:
        instance = run.get_task_instance(task_id)
        instance.try_number += 1
        _run_task(ti=instance, task=dag.task_dict[task_id])


def test_steps_run_in_order_with_each_enabled_source(nightly: Any, recorded: Recorded) -> None:
    run = nightly.test(logical_date=LOGICAL)

    assert run.state == "success"
    ingested, rest = recorded.steps()[:3], recorded.steps()[3:]
    assert sorted(ingested) == ["ingest email", "ingest salesforce", "ingest web"]
    assert rest == list(AFTER_INGEST)
    assert {seen["run_id"] for _, seen in recorded.calls} == {run.run_id}


def test_date_is_the_day_of_the_logical_date(nightly: Any, recorded: Recorded) -> None:
    nightly.test(logical_date=LOGICAL)
    assert recorded.dates() == {"2026-03-04"}


def test_date_is_read_in_utc(nightly: Any, recorded: Recorded) -> None:
    late_evening_in_new_york = datetime(2026, 3, 4, 22, tzinfo=timezone(timedelta(hours=-5)))
    nightly.test(logical_date=late_evening_in_new_york)
    assert recorded.dates() == {"2026-03-05"}


def test_date_is_the_param_where_given(nightly: Any, recorded: Recorded) -> None:
    nightly.test(logical_date=LOGICAL, run_conf={"business_date": "2026-01-31"})
    assert recorded.dates() == {"2026-01-31"}


def test_date_is_the_param_where_there_is_no_logical_date(nightly: Any, recorded: Recorded) -> None:
    run = nightly.test(logical_date=None, run_conf={"business_date": "2026-02-28"})
    assert run.logical_date is None
    assert recorded.dates() == {"2026-02-28"}


def test_run_without_any_date_fails_before_the_first_step(
    nightly: Any, recorded: Recorded, caplog: pytest.LogCaptureFixture
) -> None:
    run = nightly.test(logical_date=None)
    assert run.state == "failed"
    assert recorded.calls == []
    assert "no logical date and no business date" in caplog.text


@pytest.mark.parametrize("text", ["31.01.2026", "2026-02-30", "yesterday", ""])
def test_a_param_that_is_no_day_is_refused(nightly: Any, recorded: Recorded, text: str) -> None:
    from airflow.exceptions import ParamValidationError

    serialized = nightly.params
    with pytest.raises((ParamValidationError, ValueError), match=r"business_date"):
        serialized["business_date"] = text


def test_cleared_task_has_the_date_of_its_run(nightly: Any, recorded: Recorded) -> None:
    by_date = nightly.test(logical_date=LOGICAL)
    by_param = (
        parse()
        .dags["revenue_nightly"]
        .test(logical_date=LOGICAL + timedelta(days=1), run_conf={"business_date": "2026-01-31"})
    )
    recorded.calls.clear()

    run_cleared(nightly, by_date, "build_marts", "validate_marts")
    assert recorded.steps() == ["build_marts", "validate_marts"]
    assert recorded.dates() == {"2026-03-04"}

    recorded.calls.clear()
    run_cleared(nightly, by_param, "publish")
    assert recorded.dates() == {"2026-01-31"}
    assert {seen["run_id"] for _, seen in recorded.calls} == {by_param.run_id}


def test_night_waits_until_the_one_before_it_has_ended(nightly: Any, recorded: Recorded) -> None:
    from airflow.settings import Session

    first = nightly.test(logical_date=LOGICAL)
    second = nightly.test(logical_date=LOGICAL + timedelta(days=1))
    run_cleared(nightly, first, "publish")  # takes the turn
    session = Session()
    session.merge(first).state = "running"
    session.commit()
    recorded.calls.clear()

    run_cleared(nightly, second, "attribute")
    assert recorded.calls == []
    assert states(second)["attribute"] == "up_for_reschedule"

    session.merge(first).state = "failed"
    session.commit()
    run_cleared(nightly, second, "attribute")
    assert recorded.steps() == ["attribute"]
    assert states(second)["attribute"] == "success"


def test_republish_reaches_publish(nightly: Any, recorded: Recorded) -> None:
    nightly.test(logical_date=LOGICAL)
    nightly.test(logical_date=LOGICAL, run_conf={"republish": True})
    assert [seen["republish"] for step, seen in recorded.calls if step == "publish"] == [False, True]


def test_night_goes_on_where_a_kind_has_no_source(nightly: Any, recorded: Recorded) -> None:
    recorded.sources = {"touchpoint_sources": [], "crm_sources": ["olist"]}
    run = nightly.test(logical_date=LOGICAL)
    assert run.state == "success"
    assert recorded.steps()[0] == "ingest olist"
    assert states(run)["publish"] == "success"


def test_failed_source_stops_the_night_before_anything_is_built(nightly: Any, recorded: Recorded) -> None:
    recorded.raising["ingest"] = DeliveryError("web/sessions: columns swapped")
    run = nightly.test(logical_date=LOGICAL)
    assert run.state == "failed"
    assert set(recorded.steps()) == {"ingest email", "ingest salesforce", "ingest web"}
    assert states(run)["publish"] == "upstream_failed"


def test_failed_gate_is_not_retried_and_nothing_is_published(
    nightly: Any, recorded: Recorded, caplog: pytest.LogCaptureFixture
) -> None:
    recorded.raising["validate_marts"] = GateError("marts.fct_credits: 3 of 14 expectations failed")
    with caplog.at_level(logging.ERROR):
        run = nightly.test(logical_date=LOGICAL)

    assert recorded.steps().count("validate_marts") == 1
    assert states(run)["publish"] == "upstream_failed"
    for said in (
        "task validate_marts failed for business date 2026-03-04",
        "GateError: marts.fct_credits: 3 of 14 expectations failed",
        f"airflow dags clear revenue_nightly --run-id {run.run_id} --only-failed --yes",
        "touchledger run --date 2026-03-04",
        "/dags/revenue_nightly/runs/",
    ):
        assert said in caplog.text


@pytest.mark.parametrize("error", [GateError, DeliveryError, UsageError])
def test_what_a_person_must_decide_is_not_retried(nightly: Any, error: type[Exception]) -> None:
    policy = nightly.task_dict["publish"].retry_policy
    assert policy.evaluate(error("x"), try_number=1, max_tries=3).action.value == "fail"


@pytest.mark.parametrize("error", [WarehouseBusyError, OSError, RuntimeError])
def test_what_may_pass_is_retried(nightly: Any, error: type[Exception]) -> None:
    policy = nightly.task_dict["publish"].retry_policy
    assert policy.evaluate(error("x"), try_number=1, max_tries=3).action.value == "default"


def test_publication_is_announced_with_its_date(nightly: Any, recorded: Recorded) -> None:
    from airflow.models.asset import AssetEvent
    from airflow.settings import Session
    from sqlalchemy import select

    run = nightly.test(logical_date=LOGICAL)
    event = Session().scalars(select(AssetEvent).where(AssetEvent.source_run_id == run.run_id)).one()
    assert event.asset.name == "marts"
    assert event.extra == {"business_date": "2026-03-04", "step": "publish"}


def test_mapped_tasks_are_named_by_their_source(nightly: Any, recorded: Recorded) -> None:
    run = nightly.test(logical_date=LOGICAL)
    named = {instance.rendered_map_index for instance in run.get_task_instances() if instance.map_index >= 0}
    assert named == {"web", "email", "salesforce"}
