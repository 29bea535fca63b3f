"""The files of a release: Parquet per mart, and one DuckDB file that older drivers open.

Rows are sorted, so that the same mart gives the same file. The DuckDB file is written from the
Parquet files, and is therefore the same whatever engine built the marts.
"""

from pathlib import Path

import duckdb

from pipeline.errors import StepError
from pipeline.publish.tables import SCHEMA, Mart
from pipeline.settings import Settings
from pipeline.warehouse import Warehouse
from pipeline.warehouse.on_duckdb import identifier, quoted, session_config

#: The storage format of DuckDB 1.2, for BI tools with older drivers; tried with 1.4 and 1.5.
STORAGE_VERSION = "v1.2.0"


def write_parquet(warehouse: Warehouse, mart: Mart, path: Path) -> None:
    """One mart as a zstd-compressed Parquet file."""
    columns = ", ".join(f"{mart.stored(name)} AS {identifier(name)}" for name in mart.columns)
    order = ", ".join([*map(identifier, mart.sort_columns), mart.row_digest()])
    warehouse.execute(
        f"COPY (SELECT {columns} FROM {SCHEMA}.{identifier(mart.name)} ORDER BY {order}) TO {quoted(path)} "
        "(FORMAT parquet, COMPRESSION zstd)"
    )


def write_duckdb(settings: Settings, parquet: Path, marts: list[Mart], path: Path) -> None:
    """All marts in schema `marts` of one DuckDB file: checkpointed, closed and read-only.

    Raises `StepError` when a write-ahead log is left beside it, for a swapped file could then not be opened.
    """
    with duckdb.connect() as connection:
        for name, value in session_config(settings).items():
            connection.execute(f"SET {name} = {quoted(value)}")
        connection.execute(f"ATTACH {quoted(path)} AS release (STORAGE_VERSION '{STORAGE_VERSION}')")
        connection.execute(f"CREATE SCHEMA release.{SCHEMA}")
        for mart in marts:
            source = quoted(parquet / f"{mart.name}.parquet")
            connection.execute(
                f"CREATE TABLE release.{SCHEMA}.{identifier(mart.name)} AS SELECT * FROM read_parquet({source})"
            )
        connection.execute("CHECKPOINT release")
        connection.execute("DETACH release")
    if path.with_name(path.name + ".wal").exists():
        raise StepError(f"{path} was closed with a write-ahead log beside it; nothing was published")
    path.chmod(0o444)
