"""`models_refit_weekly` run by Airflow with recording fakes for the steps: order and date."""

from datetime import UTC, datetime
from typing import Any

from tests.dags.conftest import Recorded, parse


def test_a_run_on_sunday_refits_and_then_evaluates_the_night_of_saturday(
    airflow_database: None, recorded: Recorded
) -> None:
    dag = parse().dags["models_refit_weekly"]
    run = dag.test(logical_date=datetime(2026, 6, 27, 6, tzinfo=UTC))
    assert run.state == "success"
    assert recorded.steps() == ["refit", "evaluate"]
    assert recorded.dates() == {"2026-06-27"}


def test_it_is_scheduled_on_sundays_for_the_day_before(dag_bag: Any) -> None:
    from airflow.serialization.serialized_objects import DagSerialization
    from airflow.timetables.base import TimeRestriction
    from pendulum import datetime as instant

    dag = DagSerialization.deserialize_dag(DagSerialization.serialize_dag(dag_bag.dags["models_refit_weekly"]))
    found = dag.timetable.next_dagrun_info(
        last_automated_data_interval=None, restriction=TimeRestriction(instant(2026, 6, 22), None, True)
    )
    assert found.run_after == datetime(2026, 6, 28, 6, tzinfo=UTC)
    assert found.logical_date.date().isoformat() == "2026-06-27"
