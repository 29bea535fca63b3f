"""Nights after the first: an older one, and the first again through `airflow dags test`, of what came anew."""

import random
import shutil
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from tests.nights import BUSINESS_DATE, NIGHT_BEFORE, Home

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]

#: Marts that tell the history of runs and files, not the state of the company.
HISTORY = {
    "fct_credit_changes",
    "fct_credit_versions",
    "fct_definition_changes",
    "fct_pipeline_snapshot_daily",
    "mart_attribution_run_models",
    "mart_attribution_runs",
    "mart_data_quality",
    "mart_model_fit_channels",
    "mart_model_fits",
}
#: What is delivered as it was, as a night of it is missing.
AS_IT_WAS = Path("web/sessions")


@dataclass(frozen=True)
class Found:
    """What a home has after a night: its marts' checksums, what each night found open, how many files were loaded."""

    checksums: dict[str, str]
    snapshots: dict[str, list[tuple]]
    loaded_files: int


def found(home: Home) -> Found:
    with duckdb.connect(str(home.path / "warehouse.duckdb"), read_only=True) as warehouse:
        rows = warehouse.execute("select * from history.pipeline_snapshots order by all").fetchall()
        files = warehouse.execute("select count(*) from ops.load_ledger where status = 'loaded'").fetchone()[0]
    snapshots = {str(night): [row for row in rows if row[0] == night] for night in {row[0] for row in rows}}
    return Found(home.checksums(), snapshots, files)


@pytest.fixture(scope="module")
def older(first_night: Home, tmp_path_factory: pytest.TempPathFactory) -> tuple[Home, Found]:
    """The first night's home after the night before it, for which files were delivered again under other names."""
    home = Home(tmp_path_factory.mktemp("later") / "home")
    shutil.copytree(first_night.path, home.path, symlinks=True)
    leads = sorted((home.landing / "salesforce/leads").rglob("*.csv"))
    assert leads
    for file in leads:
        shutil.copy(file, file.with_name(f"delivered again {file.name}"))
    assert "kept" in home.run(NIGHT_BEFORE).stderr
    return home, found(home)


@pytest.fixture(scope="module")
def by_airflow(airflow_database: None, first_night: Home, older: tuple[Home, Found]) -> Home:
    """The first night again, by Airflow: what was landed is lost, and came anew, in parts, shuffled over its dates."""
    home, chance = older[0], random.Random(11)
    with duckdb.connect(str(home.path / "warehouse.duckdb")) as warehouse:
        for schema in ("raw", "ops"):
            warehouse.execute(f"drop schema {schema} cascade")
    shutil.rmtree(home.landing)
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


def test_an_older_night_replaces_no_publication_and_freezes_what_it_found(
    first_night: Home, older: tuple[Home, Found]
) -> None:
    before, after = found(first_night), older[1]
    assert after.checksums == before.checksums
    assert after.loaded_files == before.loaded_files, "the same bytes under another name load nothing"
    assert list(before.snapshots) == [BUSINESS_DATE]
    assert sorted(after.snapshots) == [NIGHT_BEFORE, BUSINESS_DATE], "a missed night adds its own rows"
    assert after.snapshots[BUSINESS_DATE] == before.snapshots[BUSINESS_DATE]


def test_airflow_publishes_what_the_command_line_did_of_the_same_files_in_another_order_and_on_other_nights(
    first_night: Home, by_airflow: Home
) -> None:
    """Neither the order of files and rows nor the night that a row came on shows in any figure, nor a night between."""
    before, after = found(first_night), found(by_airflow)
    assert after.checksums.keys() == before.checksums.keys()
    differing = {mart for mart, checksum in after.checksums.items() if checksum != before.checksums[mart]}
    assert differing <= HISTORY
    assert "mart_data_quality" in differing, "the night was published anew"
    assert "fct_credit_versions" not in differing, "neither a replay nor a repeated night adds versions"
    assert after.snapshots[BUSINESS_DATE] == before.snapshots[BUSINESS_DATE]


def test_airflow_tells_a_missing_delivery_as_the_command_line_does(first_night: Home, by_airflow: Home) -> None:
    for home in (first_night, by_airflow):
        status = deliveries(home)
        assert status["web", "sessions"] == "missing"
        assert status["ads", "clicks"] == "delivered"
