"""A private Airflow for these tests: its home, database and settings are made before Airflow is imported."""

import atexit
import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

DAGS = Path(__file__).resolve().parents[2] / "dags"
HOME = Path(tempfile.mkdtemp(prefix="touchledger-airflow-"))
atexit.register(shutil.rmtree, HOME, ignore_errors=True)
os.environ |= {
    "AIRFLOW_HOME": str(HOME),
    "AIRFLOW__CORE__DAGS_FOLDER": str(DAGS),
    "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
    "AIRFLOW__CORE__UNIT_TEST_MODE": "False",
    "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{HOME}/airflow.db",
    "AIRFLOW__LOGGING__LOGGING_LEVEL": "WARNING",
}
sys.path[:0] = [str(DAGS), str(DAGS.parent)]


@pytest.fixture(scope="session")
def airflow_database() -> None:
    """A migrated metadata database with the pool that tasks ask for."""
    from airflow.models.pool import Pool
    from airflow.utils.db import initdb

    initdb()
    Pool.create_or_update_pool("warehouse", slots=1, description="", include_deferred=False)


def parse() -> Any:
    """Every DAG of the project, parsed as Airflow does."""
    from airflow.dag_processing.dagbag import BundleDagBag

    return BundleDagBag(dag_folder=DAGS, bundle_path=DAGS, bundle_name="dags-folder")


@pytest.fixture(scope="session")
def dag_bag(airflow_database: None) -> Any:
    """The DAGs to look at; one that is run is parsed anew."""
    return parse()


@pytest.fixture
def nightly(airflow_database: None) -> Any:
    """The DAG `revenue_nightly`, of this test alone: a run in this process leaves its params in the object."""
    return parse().dags["revenue_nightly"]


@dataclass
class Recorded:
    """Calls that reached `pipeline.steps`, and errors that steps are to raise."""

    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    raising: dict[str, Exception] = field(default_factory=dict)
    sources: dict[str, list[str]] = field(
        default_factory=lambda: {"touchpoint_sources": ["web", "email"], "crm_sources": ["salesforce"]}
    )

    def fake(self, step: str) -> Callable[..., dict[str, Any]]:
        """A step that only remembers what it was given."""

        def call(run: Any, *args: Any, **options: Any) -> dict[str, Any]:
            seen = {"business_date": run.business_date.isoformat(), "run_id": run.run_id, "args": args, **options}
            self.calls.append((step, seen))
            if step in self.raising:
                raise self.raising[step]
            return self.sources if step == "plan" else {"step": step}

        return call

    def dates(self) -> set[str]:
        """The business dates that steps were given."""
        return {seen["business_date"] for _, seen in self.calls}

    def steps(self) -> list[str]:
        """The steps that ran, in order, `ingest` with its source."""
        return [" ".join((step, *seen["args"])) for step, seen in self.calls if step != "plan"]


@pytest.fixture
def recorded(monkeypatch: pytest.MonkeyPatch) -> Recorded:
    """`pipeline.steps` replaced by fakes that record what the DAG asks of them."""
    from pipeline import steps

    record = Recorded()
    for step in (
        "plan",
        "ingest",
        "validate_raw",
        "build_journeys",
        "attribute",
        "estimate_clv",
        "build_marts",
        "validate_marts",
        "publish",
        "refit",
        "evaluate",
    ):
        monkeypatch.setattr(steps, step, record.fake(step))
    return record
