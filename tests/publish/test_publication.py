"""A publication: what readers find, and that they always find one."""

import json
import subprocess
from datetime import date
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

from pipeline import publish as publishing_module
from pipeline.errors import GateError, StepError
from pipeline.publish import checksums, files, releases, scorecard


def opened(path: Path) -> duckdb.DuckDBPyConnection:
    return duckdb.connect(str(path), read_only=True)


@pytest.fixture
def current(settings) -> Path:
    return settings.published / "current"


def test_readers_find_every_mart_in_the_duckdb_file_as_parquet_and_in_the_manifest(publishing, current):
    publication = publishing()
    assert publication.summary()["rows"] == {"dim_accounts": 1, "fct_credits": 1000}
    with opened(current / "touchledger.duckdb") as connection:
        assert connection.execute("SELECT sum(credited_amount) FROM marts.fct_credits").fetchone() == (4995,)
        assert connection.execute("SELECT * FROM marts.dim_accounts").fetchall() == [("a", True, [1, 2])]
    table = pq.read_table(current / "parquet" / "fct_credits.parquet")
    assert table.num_rows == 1000
    assert (
        pq.ParquetFile(current / "parquet" / "fct_credits.parquet").metadata.row_group(0).column(0).compression
        == "ZSTD"
    )
    manifest = json.loads((current / "manifest.json").read_text())
    assert manifest["business_date"] == "2026-06-30"
    assert manifest["marts"]["fct_credits"]["rows"] == 1000
    assert manifest["marts"]["fct_credits"]["checksum"] == checksums(current / "touchledger.duckdb")["fct_credits"]
    assert manifest["file_bytes"]["touchledger.duckdb"] == (current / "touchledger.duckdb").stat().st_size
    assert (current / "scorecard.html").exists()


def test_the_file_is_read_only_and_leaves_no_write_ahead_log(publishing, current):
    publishing()
    assert (current / "touchledger.duckdb").stat().st_mode & 0o777 == 0o444
    assert not list(current.rglob("*.wal"))
    opened(current / "touchledger.duckdb").close()
    assert not list(current.rglob("*.wal"))


def test_an_older_driver_reads_the_file(publishing, current, older_driver):
    publishing()
    script = (
        "import duckdb, sys; c = duckdb.connect(sys.argv[1], read_only=True); "
        "print(c.execute('SELECT count(*), sum(credited_amount) FROM marts.fct_credits').fetchone())"
    )
    answer = subprocess.run(
        [older_driver, "-c", script, str(current / "touchledger.duckdb")], capture_output=True, text=True, check=True
    )
    assert "1000" in answer.stdout
    assert "4995" in answer.stdout


def test_the_storage_version_is_one_that_older_drivers_read(publishing, current):
    publishing()
    with duckdb.connect() as connection:
        connection.execute(f"ATTACH '{current / 'touchledger.duckdb'}' AS release (READ_ONLY)")
        tags = connection.execute("SELECT tags FROM duckdb_databases() WHERE database_name = 'release'").fetchone()[0]
    assert tags["storage_version"].startswith("v1.2.0")


def test_a_second_publication_of_the_same_marts_gives_the_same_parquet(publishing):
    first, second = publishing(), publishing()
    assert first.release != second.release
    for path in (first.release / "parquet").iterdir():
        assert path.read_bytes() == (second.release / "parquet" / path.name).read_bytes()


@pytest.mark.parametrize(
    ("module", "step"),
    [
        (files, "write_parquet"),
        (files, "write_duckdb"),
        (scorecard, "write"),
        (publishing_module, "_write_manifest"),
        (releases, "_flush"),
        (releases, "seal"),
        (releases, "make_current"),
    ],
    ids=lambda part: part if isinstance(part, str) else "",
)
def test_a_crash_at_any_point_leaves_the_old_publication_and_the_next_night_publishes(
    publishing, warehouse, current, monkeypatch, module, step
):
    old = publishing(date(2026, 6, 29))
    before = checksums(current)
    warehouse.execute("DELETE FROM marts.fct_credits WHERE conversion_id < '5'")

    def crash(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(module, step, crash)
        with pytest.raises(KeyboardInterrupt):
            publishing()
    assert current.resolve() == old.release.resolve()
    assert checksums(current) == before
    after = publishing()
    assert current.resolve() == after.release.resolve()
    assert checksums(current) == checksums(warehouse) != before
    assert not (after.release.parent / ".building").exists()


def test_a_crash_after_the_swap_leaves_the_new_publication(publishing, current, monkeypatch):
    publishing(date(2026, 6, 29))

    def crash(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(releases, "drop_old", crash)
    with pytest.raises(KeyboardInterrupt):
        publishing()
    assert json.loads((current / "manifest.json").read_text())["business_date"] == "2026-06-30"


def test_an_older_business_date_does_not_replace_a_newer_one_unless_asked(publishing, current):
    publishing()
    kept = publishing(date(2026, 6, 1))
    assert (kept.status, current.resolve().name) == ("kept", "2026-06-30-0001")
    assert "2026-06-30 stays published" in kept.sentence
    forced = publishing(date(2026, 6, 1), force=True)
    assert (forced.status, current.resolve().name) == ("published", "2026-06-01-0002")


def test_a_reader_keeps_its_file_through_later_publications_and_retention(publishing, warehouse, current):
    publishing(keep_releases=1)
    reader = opened(current.resolve() / "touchledger.duckdb")
    warehouse.execute("DELETE FROM marts.fct_credits")
    publishing(keep_releases=1)
    assert reader.execute("SELECT count(*) FROM marts.fct_credits").fetchone() == (1000,)
    with opened(current.resolve() / "touchledger.duckdb") as fresh:
        assert fresh.execute("SELECT count(*) FROM marts.fct_credits").fetchone() == (0,)
    reader.close()


def test_the_newest_releases_are_kept_and_never_less_than_the_current_one(publishing, settings):
    for day in range(1, 6):
        publication = publishing(date(2026, 6, day), keep_releases=3)
    names = sorted(path.name for path in (settings.published / "releases").iterdir())
    assert names == ["2026-06-03-0003", "2026-06-04-0004", "2026-06-05-0005"]
    assert publication.dropped == ("2026-06-02-0002",)
    publishing(date(2026, 6, 6), keep_releases=0)
    assert [path.name for path in (settings.published / "releases").iterdir()] == ["2026-06-06-0006"]


def test_marts_that_did_not_pass_the_door_out_are_not_published(publishing, warehouse, settings):
    warehouse.execute("CREATE SCHEMA ops")
    warehouse.execute(
        "CREATE TABLE ops.expectation_results AS SELECT 'marts' AS door, DATE '2026-06-30' AS business_date, "
        "'marts.fct_credits' AS table_name, 'expect_x' AS expectation, 'critical' AS severity, 'failure' AS status, "
        "TIMESTAMP '2026-07-01' AS checked_at"
    )
    with pytest.raises(GateError, match=r"expect_x on marts\.fct_credits"):
        publishing()
    assert not (settings.published / "current").exists()
    warehouse.execute(
        "INSERT INTO ops.expectation_results VALUES "
        "('marts', DATE '2026-06-30', 'marts.fct_credits', 'expect_x', 'critical', 'success', TIMESTAMP '2026-07-02')"
    )
    assert publishing().status == "published"


def test_without_marts_nothing_is_published(warehouse, publishing):
    warehouse.execute("DROP SCHEMA marts CASCADE")
    with pytest.raises(StepError, match="build_marts"):
        publishing()
