from collections.abc import Iterator

import pytest

from pipeline.warehouse.on_duckdb import DuckDBWarehouse


@pytest.fixture
def warehouse() -> Iterator[DuckDBWarehouse]:
    with DuckDBWarehouse.in_memory() as opened:
        yield opened
