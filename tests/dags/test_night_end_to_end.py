"""A true night through `airflow dags test`, beside the same night by the command line."""

from pathlib import Path

import duckdb
import pytest

from tests.nights import BUSINESS_DATE, NIGHT_BEFORE, Home

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]

#: What tells one run from another, on top of the columns that checksums leave out.
OF_THE_RUN = {"mart_attribution_runs", "mart_attribution_run_models"}


def checksums(home: Home) -> dict[str, str]:
    """Mart → checksum of what is published in a home."""
    return {mart: checksum for mart, checksum in home.checksums().items() if mart not in OF_THE_RUN}


def deliveries(home: Home) -> dict[tuple[str, str], str]:
    """(source, entity) → what became of the night's delivery."""
    with duckdb.connect(str(home.path / "warehouse.duckdb"), read_only=True) as warehouse:
        rows = warehouse.execute(
            "select source, entity, status from ops.deliveries where business_date = ?", [BUSINESS_DATE]
        ).fetchall()
    return {(source, entity): status for source, entity, status in rows}


def test_airflow_publishes_what_the_command_line_publishes(
    airflow_database: None, first_night: Home, tmp_path: Path
) -> None:
    by_airflow = Home(tmp_path / "by_airflow")
    by_airflow.path.mkdir()
    by_airflow.landing.symlink_to(first_night.landing, target_is_directory=True)
    by_airflow.touchledger("ingest", "web", "--date", NIGHT_BEFORE)
    by_airflow.run_module("airflow", "dags", "test", "revenue_nightly", BUSINESS_DATE)

    assert checksums(by_airflow) == checksums(first_night)
    for home in (first_night, by_airflow):
        status = deliveries(home)
        assert status["web", "sessions"] == "missing"
        assert status["ads", "clicks"] == "delivered"
