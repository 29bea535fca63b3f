"""Checksums: the same for the same mart, different for a changed cent."""

from pathlib import Path

import pytest

from pipeline.errors import UsageError
from pipeline.publish import checksums
from pipeline.publish.tables import Mart
from pipeline.warehouse.on_duckdb import DuckDBWarehouse


@pytest.fixture
def checksum_of():
    """The checksum of a mart that a query gives."""

    def computed(query: str) -> str:
        with DuckDBWarehouse.in_memory() as warehouse:
            warehouse.execute("CREATE SCHEMA marts")
            warehouse.execute(f"CREATE TABLE marts.mart AS {query}")
            return checksums(warehouse)["mart"]

    return computed


ROWS = "SELECT i AS id, CAST(i AS DECIMAL(18, 4)) AS amount, i / 7.0 AS share, 'run-1' AS run_id FROM range(5000) t(i)"


def test_the_order_of_rows_and_columns_and_the_run_do_not_matter(checksum_of):
    other = f"SELECT share, amount, id, 'run-2' AS run_id FROM ({ROWS}) ORDER BY hash(id)"
    assert checksum_of(ROWS) == checksum_of(other)


@pytest.mark.parametrize(
    "change",
    [
        "SELECT id, amount + if(id = 4711, 0.01, 0)::DECIMAL(18, 4) AS amount, share FROM rows",
        "SELECT id, amount, share + if(id = 4711, 1e-9, 0) AS share FROM rows",
        "SELECT id, if(id = 4711, NULL, amount) AS amount, share FROM rows",
        "SELECT * FROM rows UNION ALL SELECT * FROM rows WHERE id = 1",
        "SELECT * FROM rows WHERE id <> 4711",
        "SELECT id, amount AS value, share FROM rows",
    ],
)
def test_a_changed_cent_value_row_or_name_changes_it(checksum_of, change):
    assert checksum_of(ROWS) != checksum_of(f"WITH rows AS (FROM ({ROWS})) {change}")


def test_two_changes_do_not_cancel_out(checksum_of):
    swapped = "SELECT id, amount, if(id < 2, (1 - id) / 7.0, share) AS share FROM rows"
    assert checksum_of(ROWS) != checksum_of(f"WITH rows AS (FROM ({ROWS})) {swapped}")


def test_neighbouring_values_and_nulls_are_told_apart(checksum_of):
    seen = {
        checksum_of(f"SELECT {first} AS a, {second} AS b")
        for first, second in [("'x'", "''"), ("''", "'x'"), ("'x'", "NULL::VARCHAR"), ("'-'", "''"), ("'1:x'", "''")]
    }
    assert len(seen) == 5


def test_noise_of_adding_doubles_in_another_order_does_not_count(checksum_of):
    assert checksum_of("SELECT 0.1::DOUBLE + 0.2::DOUBLE AS share") == checksum_of("SELECT 0.3::DOUBLE AS share")


def test_a_published_file_has_the_checksums_of_the_warehouse(publishing, warehouse, settings):
    release = publishing().release
    assert checksums(warehouse) == checksums(settings.published) == checksums(release)
    assert checksums(release / "touchledger.duckdb") == publishing().checksums


def test_a_path_where_nothing_is_published_is_named(tmp_path: Path):
    with pytest.raises(UsageError, match="no published file"):
        checksums(tmp_path)


def test_columns_that_a_contract_marks_as_audit_do_not_count():
    changes = Mart("fct_credit_changes", dict.fromkeys(["credit_change_id", "conversion_id", "run_id"], "VARCHAR"))
    assert changes.compared_columns == ["conversion_id"]
