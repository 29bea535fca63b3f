"""DuckDB, the embedded default: one file, one writing process at a time."""

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import duckdb
import pyarrow as pa

from pipeline.errors import UsageError, WarehouseBusyError
from pipeline.settings import Settings
from pipeline.warehouse.base import Row


def session_config(settings: Settings) -> dict[str, str]:
    """The session settings of every DuckDB connection, ours and dbt's (see `profiles.yml`)."""
    return {
        "TimeZone": "UTC",
        "threads": str(settings.threads),
        "memory_limit": settings.memory_limit,
        "temp_directory": str(settings.temp),
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
    }


class DuckDBWarehouse:
    """The `Warehouse` protocol on one DuckDB connection."""

    engine = "duckdb"

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection

    @classmethod
    def open(cls, settings: Settings, *, read_only: bool = False) -> "DuckDBWarehouse":
        """Open the file of `settings`, making its folder on the first write."""
        path = settings.warehouse
        if read_only and not path.exists():
            raise UsageError(f"there is no warehouse at {path} yet: run `touchledger run --date YYYY-MM-DD` first")
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            connection = duckdb.connect(str(path), read_only=read_only)
        except duckdb.IOException as error:
            if "lock" not in str(error).lower():
                raise
            raise WarehouseBusyError(
                f"{path} is being written by another process; wait for it to end and try again"
            ) from error
        warehouse = cls(connection)
        for name, value in session_config(settings).items():
            connection.execute(f"SET {name} = {quoted(value)}")
        return warehouse

    @classmethod
    def read(cls, path: Path) -> "DuckDBWarehouse":
        """Open any DuckDB file to read it: a published one, a copy."""
        connection = duckdb.connect(str(path), read_only=True)
        connection.execute("SET TimeZone = 'UTC'")
        return cls(connection)

    @classmethod
    def in_memory(cls) -> "DuckDBWarehouse":
        """A warehouse that is gone when it is closed: for files attributed on their own, and tests."""
        connection = duckdb.connect()
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute("SET autoinstall_known_extensions = false")
        return cls(connection)

    def execute(self, sql: str, parameters: Sequence[Any] = ()) -> None:
        self.connection.execute(sql, list(parameters))

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
        return self.connection.execute(sql, list(parameters)).fetchall()

    def value(self, sql: str, parameters: Sequence[Any] = ()) -> Any:
        rows = self.rows(sql, parameters)  # all of them: a result that is not read out blocks the connection
        return rows[0][0] if rows else None

    def arrow(self, sql: str, parameters: Sequence[Any] = ()) -> pa.Table:
        with warnings.catch_warnings():  # what it advises instead leaves a result open on the connection
            warnings.filterwarnings("ignore", message="Arrow output on a DB-API result")
            return self.connection.execute(sql, list(parameters)).to_arrow_table()

    def create_from_arrow(self, table: str, data: pa.Table, *, temporary: bool = True) -> None:
        self.connection.register("_arrow_input", data)
        try:
            kind = "TEMPORARY TABLE" if temporary else "TABLE"
            self.connection.execute(f"CREATE OR REPLACE {kind} {table} AS SELECT * FROM _arrow_input")
        finally:
            self.connection.unregister("_arrow_input")

    def create_from_query(self, table: str, sql: str, *, temporary: bool = True) -> None:
        kind = "TEMPORARY TABLE" if temporary else "TABLE"
        self.connection.execute(f"CREATE OR REPLACE {kind} {table} AS {sql}")

    def ordered_text(self, value: str, separator: str, order_by: str) -> str:
        return f"string_agg({value}, {quoted(separator)} ORDER BY {order_by})"

    def days_since_1970(self, instant: str) -> str:
        return f"(epoch({instant}) / 86400e0)"

    def days_between(self, start: str, end: str) -> str:
        return f"((epoch_us({end}) - epoch_us({start})) / 8.64e10)"

    def exists(self, table: str) -> bool:
        schema, _, name = table.rpartition(".")
        return bool(
            self.value(
                "SELECT count(*) FROM information_schema.tables WHERE table_schema = ? AND table_name = ?",
                [schema or "main", name],
            )
        )

    def columns(self, table: str) -> list[str]:
        return [row[0] for row in self.rows(f"SELECT column_name FROM (DESCRIBE {table})")]

    @contextmanager
    def transaction(self) -> Iterator[None]:
        self.connection.execute("BEGIN TRANSACTION")
        try:
            yield
        except BaseException:
            self.connection.execute("ROLLBACK")
            raise
        self.connection.execute("COMMIT")

    def close(self) -> None:
        self.connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def quoted(value: object) -> str:
    """`value` as a SQL string literal."""
    return "'" + str(value).replace("'", "''") + "'"


def identifier(name: str) -> str:
    """`name` as a quoted SQL identifier."""
    return '"' + name.replace('"', '""') + '"'
