"""The expectation files that ship: well formed, and every raw table and column they name is in a contract."""

from datetime import date

import pytest

from pipeline.quality import gx, validate
from pipeline.quality.files import expectation_files
from pipeline.settings import PROJECT_DIR, Settings
from pipeline.sources import all_sources
from pipeline.sources.contract import raw_table
from pipeline.warehouse.on_duckdb import DuckDBWarehouse, identifier

NIGHT = date(2026, 6, 30)
FOLDER = PROJECT_DIR / "expectations"


@pytest.mark.parametrize("door", ["raw", "marts"])
def test_every_file_names_known_checks(door):
    files = expectation_files(FOLDER, door)
    assert files
    for file in files:
        gx.check_names(file, NIGHT)


def test_every_raw_check_can_be_computed_on_the_contracts_tables(tmp_path):
    """One row of plausible nulls a table: a name or a query that does not fit its table is an error."""
    with DuckDBWarehouse.in_memory() as warehouse:
        warehouse.execute("CREATE SCHEMA raw")
        for source in all_sources().values():
            for entity in source.entities:
                columns = ", ".join(f"{identifier(column.name)} {column.sql_type}" for column in entity.columns)
                warehouse.execute(
                    f"CREATE TABLE {raw_table(source, entity)} ({columns}, _row_hash VARCHAR, _effective_date DATE)"
                )
                warehouse.execute(f"INSERT INTO {raw_table(source, entity)} (_effective_date) VALUES (DATE '{NIGHT}')")
        report = validate(warehouse, "raw", Settings.read({}, home=tmp_path), NIGHT, "run")
    assert report.skipped == ()
    not_there = [r.sentence() for r in report.having("error") if "nothing to measure" not in r.message]
    assert not_there == []
