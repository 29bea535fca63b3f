"""A true night through `airflow dags test`, beside the same night by the command line."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from tests.dags.conftest import DAGS

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]

NIGHT_BEFORE, NIGHT = "2026-06-29", "2026-06-30"
#: What tells one run from another, on top of the columns that checksums leave out.
OF_THE_RUN = {"mart_attribution_runs", "mart_attribution_run_models"}


def run(home: Path, landing: Path, *command: str) -> str:
    """A command with its own home on a landing folder; its output fails the test when it fails."""
    where = {"TOUCHLEDGER_HOME": str(home), "TOUCHLEDGER_LANDING": str(landing), "PYTHONPATH": str(DAGS.parent)}
    done = subprocess.run([sys.executable, "-m", *command], env=os.environ | where, capture_output=True, text=True)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout[-8000:]}\n{done.stderr[-8000:]}"
    return done.stdout


def checksums(home: Path) -> dict[str, str]:
    """Mart → checksum of what is published in a home."""
    lines = run(home, home, "pipeline", "checksums").splitlines()
    return {mart: checksum for checksum, mart in (line.split() for line in lines) if mart not in OF_THE_RUN}


def deliveries(home: Path) -> dict[tuple[str, str], str]:
    """(source, entity) → what became of the night's delivery."""
    with duckdb.connect(str(home / "warehouse.duckdb"), read_only=True) as warehouse:
        rows = warehouse.execute(
            "select source, entity, status from ops.deliveries where business_date = ?", [NIGHT]
        ).fetchall()
    return {(source, entity): status for source, entity, status in rows}


def test_airflow_publishes_what_the_command_line_publishes(airflow_database: None, tmp_path: Path) -> None:
    landing = tmp_path / "landing"
    run(tmp_path, landing, "pipeline", "demo", "--accounts", "40", "--days", "200", "--out", str(landing))
    shutil.rmtree(landing / "web" / "sessions" / NIGHT)

    for home in ("by_hand", "by_airflow"):
        run(tmp_path / home, landing, "pipeline", "ingest", "web", "--date", NIGHT_BEFORE)
    run(tmp_path / "by_hand", landing, "pipeline", "run", "--date", NIGHT)
    run(tmp_path / "by_airflow", landing, "airflow", "dags", "test", "revenue_nightly", NIGHT)

    assert checksums(tmp_path / "by_airflow") == checksums(tmp_path / "by_hand")
    for home in ("by_hand", "by_airflow"):
        status = deliveries(tmp_path / home)
        assert status["web", "sessions"] == "missing"
        assert status["ads", "clicks"] == "delivered"
