"""What of a table is checked, read from the engine as one small frame.

At the door in: the rows that counted since the last night this table passed (all of them on the
first), without those a newer version in the same batch replaces, and without deleted records.
So a night that failed is looked at again until it is corrected. At the door out: the whole mart.
A table with more than `ROW_LIMIT` such rows is read as a sample of whole keys: the same keys
every time, and all rows of each, so that a check of duplicates stays exact on what it sees.
A query's rows are never sampled.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.quality.files import ExpectationFile, resolved_sql
from pipeline.quality.raw_tables import RawTable
from pipeline.quality.report import RESULTS_TABLE
from pipeline.warehouse import Warehouse

#: Rows of one table that are checked whole; more are sampled. Great Expectations needs about 10 s for as many.
ROW_LIMIT = 1_000_000


@dataclass(frozen=True)
class Batch:
    """Rows of one table (or query) at a door, before columns are chosen."""

    relation: str
    columns: tuple[str, ...]
    key: tuple[str, ...]
    row_count: int
    is_sampled: bool
    _warehouse: Warehouse
    _condition: str

    def frame(self, columns: Sequence[str]) -> pd.DataFrame:
        """These columns of the batch: decimals as floats, days as midnight, so that both compare with kwargs."""
        if not columns:
            return pd.DataFrame(index=pd.RangeIndex(self.row_count))
        names = ", ".join(f'"{column}"' for column in columns)
        table = self._warehouse.arrow(f"SELECT {names} FROM {self.relation} WHERE {self._condition}")
        return _comparable(table).to_pandas()

    @cached_property
    def note(self) -> str:
        """What a reader of a result must know about the batch; empty when it is the whole."""
        return f"checked on a sample of whole keys out of {self.row_count:,} rows" if self.is_sampled else ""


def read_batch(
    warehouse: Warehouse,
    file: ExpectationFile,
    business_date: date,
    where: str | None = None,
    row_limit: int = ROW_LIMIT,
    raw: RawTable | None = None,
) -> Batch:
    """The batch of one expectation file, narrowed to the rows that satisfy `where`.

    `raw` is what the contract says of a raw table; without it no record replaces another.
    """
    relation, columns = _relation(warehouse, file, raw, business_date)
    key = file.key or (raw.key if raw else ())
    key = tuple(column for column in key if column in columns)
    condition = f"({resolved_sql(where, business_date)})" if where else "TRUE"
    row_count = int(warehouse.value(f"SELECT count(*) FROM {relation} WHERE {condition}"))
    is_sampled = file.query is None and row_count > row_limit
    if is_sampled:
        condition += f" AND {_sample(key or tuple(columns), row_limit / row_count)}"
    return Batch(relation, tuple(columns), key, row_count, is_sampled, warehouse, condition)


def _relation(
    warehouse: Warehouse, file: ExpectationFile, raw: RawTable | None, business_date: date
) -> tuple[str, list[str]]:
    if file.query is not None:
        relation = f"({resolved_sql(file.query, business_date)}) AS batch"
        return relation, warehouse.arrow(f"SELECT * FROM {relation} LIMIT 0").column_names
    columns = warehouse.columns(file.table)
    if file.door != "raw":
        return file.table, columns
    counted = f"_effective_date <= DATE '{business_date}'"
    since = _last_passed(warehouse, file, business_date)
    if since is not None:
        counted += f" AND _effective_date > DATE '{since}'"
    newest, kept = "TRUE", "TRUE"
    if raw and raw.version:
        newest = f"{raw.version} = max({raw.version}) OVER (PARTITION BY {', '.join(raw.key)})"
    if raw and raw.deleted:
        kept = f"NOT coalesce({raw.deleted}, FALSE)"
    delta = f"SELECT *, coalesce({newest}, TRUE) AS _is_newest FROM {file.table} WHERE {counted}"
    return f"(SELECT * FROM ({delta}) AS delta WHERE _is_newest AND {kept}) AS batch", columns


def _last_passed(warehouse: Warehouse, file: ExpectationFile, business_date: date) -> date | None:
    """The last earlier night on which every critical check of this table passed."""
    return warehouse.value(
        f"""
        SELECT max(business_date) FROM (
            SELECT business_date, run_id,
                max(CASE WHEN severity = 'critical' AND status <> 'success' THEN 1 ELSE 0 END) AS stopped
            FROM {RESULTS_TABLE}
            WHERE door = ? AND table_name = ? AND business_date < ?
            GROUP BY business_date, run_id
        ) AS nights
        WHERE stopped = 0
        """,
        [file.door, file.table, business_date],
    )


def _sample(key: Sequence[str], share: float) -> str:
    """A condition that a share of all keys satisfies: the same on every engine and every night."""
    text = ", ".join(f"""coalesce(CAST("{column}" AS VARCHAR), '')""" for column in key)
    return f"substr(md5(concat_ws('|', {text})), 1, 8) < '{int(share * 16**8):08x}'"


def _comparable(table: pa.Table) -> pa.Table:
    for position, column in enumerate(table.schema):
        if pa.types.is_decimal(column.type):
            table = table.set_column(position, column.name, pc.cast(table[position], pa.float64(), safe=False))
        elif pa.types.is_date(column.type):
            table = table.set_column(position, column.name, pc.cast(table[position], pa.timestamp("us")))
    return table
