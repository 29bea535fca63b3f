"""What is true of every DAG file, without running it."""

import subprocess
import sys
from datetime import timedelta
from typing import Any

import pytest

from tests.dags import dag_graph
from tests.dags.conftest import DAGS

IMPORT_COST = """
import sys, time
import airflow.sdk
before, since = set(sys.modules), time.monotonic()
sys.path[:0] = [{dags!r}, {root!r}]
import {module}
seconds = time.monotonic() - since
new = {{name.split(".")[0] for name in set(sys.modules) - before}}
heavy = new & {{"duckdb", "pandas", "pyarrow", "dbt", "great_expectations", "scipy"}}
print(f"{{seconds:.2f}}", *sorted(heavy))
"""


def test_every_dag_file_imports(dag_bag: Any) -> None:
    assert dag_bag.import_errors == {}
    assert {"revenue_nightly", "models_refit_weekly"} <= set(dag_bag.dags)


@pytest.mark.parametrize("module", ["revenue_nightly", "models_refit_weekly"])
def test_importing_a_dag_file_is_quick_and_loads_nothing_heavy(module: str) -> None:
    program = IMPORT_COST.format(dags=str(DAGS), root=str(DAGS.parent), module=module)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    seconds, *heavy = done.stdout.split("\n")[-2].split()
    assert heavy == []
    assert float(seconds) < 2


def test_edges_are_those_of_the_golden_file(dag_bag: Any) -> None:
    drawn = {dag_id: dag_graph.lines(dag) for dag_id, dag in dag_bag.dags.items()}
    kept = {path.stem: path.read_text() for path in dag_graph.HERE.glob("*.graph")}
    assert drawn == kept, "an edge changed: if it was meant, run `python -m tests.dags.dag_graph` and review the diff"


def test_every_task_that_writes_asks_for_the_pool(nightly: Any) -> None:
    without = {task.task_id for task in nightly.tasks if task.pool != "warehouse"}
    assert without == {"ingest_touchpoints.plan", "ingest_crm.plan"}


def test_only_publish_tells_other_teams(nightly: Any) -> None:
    emitting = {task.task_id: [asset.name for asset in task.outlets] for task in nightly.tasks if task.outlets}
    assert emitting == {"publish": ["marts"]}


def test_every_task_retries_ends_and_says_what_failed(dag_bag: Any) -> None:
    for task in [task for dag in dag_bag.dags.values() for task in dag.tasks]:
        assert task.retries == 3, task.task_id
        assert task.retry_exponential_backoff == 2.0, task.task_id
        assert timedelta(0) < task.execution_timeout <= timedelta(hours=3), task.task_id
        assert task.on_failure_callback, task.task_id


def test_one_night_runs_at_a_time_and_none_is_caught_up(dag_bag: Any) -> None:
    for dag in dag_bag.dags.values():
        assert (dag.max_active_runs, dag.catchup) == (1, False), dag.dag_id


def test_docstring_says_what_to_do_at_three(dag_bag: Any) -> None:
    for dag in dag_bag.dags.values():
        assert "3 a.m." in dag.doc_md
