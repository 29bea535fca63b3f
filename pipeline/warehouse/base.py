"""What the pipeline asks of an engine."""

from collections.abc import Sequence
from types import TracebackType
from typing import Any, Protocol, Self

import pyarrow as pa

Row = tuple[Any, ...]


class Warehouse(Protocol):
    """A connection to the engine. Rows stay in it; only summaries come out."""

    #: The engine's name, which is also the dbt target type: `duckdb` or `spark`.
    engine: str

    def execute(self, sql: str, parameters: Sequence[Any] = ()) -> None:
        """Run a statement whose result nobody reads."""
        ...

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
        """Run a query and return its rows: for summaries, not for facts."""
        ...

    def value(self, sql: str, parameters: Sequence[Any] = ()) -> Any:
        """The first column of the first row, or None when there is no row."""
        ...

    def arrow(self, sql: str, parameters: Sequence[Any] = ()) -> pa.Table:
        """Run a query and return an Arrow table (a fit's summary, an expectation's batch)."""
        ...

    def create_from_arrow(self, table: str, data: pa.Table, *, temporary: bool = True) -> None:
        """Create or replace `table` with the rows of `data`."""
        ...

    def create_from_query(self, table: str, sql: str, *, temporary: bool = True) -> None:
        """Create or replace `table` with the rows of a query."""
        ...

    def ordered_text(self, value: str, separator: str, order_by: str) -> str:
        """SQL of an aggregate: the texts of a group joined in an order."""
        ...

    def days_since_1970(self, instant: str) -> str:
        """SQL of an instant (timestamp) as days since 1970 with their fraction, a double; null stays null."""
        ...

    def days_between(self, start: str, end: str) -> str:
        """SQL of the days, with fractions, from one instant to another."""
        ...

    def exists(self, table: str) -> bool:
        """Whether `schema.table` is there."""
        ...

    def columns(self, table: str) -> list[str]:
        """The column names of `schema.table`, in order."""
        ...

    def transaction(self) -> Any:
        """A context manager: everything inside is committed together or not at all."""
        ...

    def close(self) -> None: ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...
