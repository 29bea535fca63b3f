"""A true night through `airflow dags test`, beside the first night, which the command line ran."""

import random
from pathlib import Path

import duckdb
import pytest

from tests.nights import BUSINESS_DATE, NIGHT_BEFORE, Home

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]

#: Marts that tell of runs and files, not of the company.
OF_THE_RUN = {"mart_attribution_runs", "mart_attribution_run_models", "mart_data_quality"}
#: What is delivered as it was, as a night of it is missing.
AS_IT_WAS = Path("web/sessions")


@pytest.fixture(scope="module")
def by_airflow(airflow_database: None, first_night: Home, tmp_path_factory: pytest.TempPathFactory) -> Home:
    """The first night's files in parts, shuffled over its dates, and the same night run by Airflow."""
    home, chance = Home(tmp_path_factory.mktemp("by_airflow")), random.Random(11)
    for entity in sorted(path for path in first_night.landing.glob("*/*") if path.is_dir()):
        place = entity.relative_to(first_night.landing)
        dates = sorted(folder.name for folder in entity.iterdir())
        for file in sorted(entity.rglob("*.csv")):
            for part in parts_of(file, 3):
                folder = home.landing / place / (file.parent.name if place == AS_IT_WAS else chance.choice(dates))
                folder.mkdir(parents=True, exist_ok=True)
                (folder / f"{chance.random()}.csv").write_bytes(part)
    home.touchledger("ingest", "web", "--date", NIGHT_BEFORE)
    home.run_module("airflow", "dags", "test", "revenue_nightly", BUSINESS_DATE)
    return home


def parts_of(file: Path, most: int) -> list[bytes]:
    """The file as up to `most` files with the same header, cut between lines."""
    header, *lines = file.read_bytes().splitlines(keepends=True)
    size = max(1, -(-len(lines) // most))
    return [header + b"".join(lines[start : start + size]) for start in range(0, len(lines), size)]


def deliveries(home: Home) -> dict[tuple[str, str], str]:
    """(source, entity) → what became of the night's delivery."""
    with duckdb.connect(str(home.path / "warehouse.duckdb"), read_only=True) as warehouse:
        rows = warehouse.execute(
            "select source, entity, status from ops.deliveries where business_date = ?", [BUSINESS_DATE]
        ).fetchall()
    return {(source, entity): status for source, entity, status in rows}


def test_airflow_publishes_what_the_command_line_did_of_the_same_files_in_another_order_and_on_other_nights(
    first_night: Home, by_airflow: Home
) -> None:
    """Neither the order of files and rows nor the night that a row came on shows in any figure."""
    by_command, found = first_night.checksums(), by_airflow.checksums()
    assert found.keys() == by_command.keys()
    assert {mart for mart in found if found[mart] != by_command[mart]} <= OF_THE_RUN


def test_airflow_tells_a_missing_delivery_as_the_command_line_does(first_night: Home, by_airflow: Home) -> None:
    for home in (first_night, by_airflow):
        status = deliveries(home)
        assert status["web", "sessions"] == "missing"
        assert status["ads", "clicks"] == "delivered"
