"""A warehouse in memory with two small marts, and a folder to publish to."""

import os
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest

from pipeline.publish import Publication, publish
from pipeline.settings import Settings
from pipeline.warehouse.on_duckdb import DuckDBWarehouse

NIGHT = date(2026, 6, 30)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings.read({}, home=tmp_path / "var", memory_limit="1GB", threads=2)


@pytest.fixture
def warehouse() -> Iterator[DuckDBWarehouse]:
    with DuckDBWarehouse.in_memory() as opened:
        opened.execute("CREATE SCHEMA marts")
        opened.execute(
            """
            CREATE TABLE marts.fct_credits AS
            SELECT 'linear' AS model_name, CAST(i AS VARCHAR) AS conversion_id, 1.0::DOUBLE / 3 AS credit_share,
                CAST(i / 100.0 AS DECIMAL(18, 4)) AS credited_amount, DATE '2026-06-01' AS reporting_date,
                NULLIF('', CAST(i % 5 AS VARCHAR)) AS channel, 'run-1' AS run_id, 1::BIGINT AS valid_from_run
            FROM range(1000) t(i)
            """
        )
        opened.execute(
            "CREATE VIEW marts.dim_accounts AS SELECT 'a' AS account_id, true AS is_customer, [1, 2] AS sizes"
        )
        yield opened


@pytest.fixture
def publishing(warehouse: DuckDBWarehouse, settings: Settings) -> Callable[..., Publication]:
    """Publish the marts of a night."""

    def run(night: date = NIGHT, *, force: bool = False, **rules: object) -> Publication:
        return publish(warehouse, settings, night, "run-1", rules, force=force)

    return run


@pytest.fixture(scope="session")
def older_driver() -> str:
    """A Python that imports a DuckDB driver of 1.x; named by TOUCHLEDGER_TEST_OLDER_DUCKDB_PYTHON."""
    python = os.environ.get("TOUCHLEDGER_TEST_OLDER_DUCKDB_PYTHON")
    if not python:
        pytest.skip("TOUCHLEDGER_TEST_OLDER_DUCKDB_PYTHON names no Python with duckdb 1.x")
    return python
