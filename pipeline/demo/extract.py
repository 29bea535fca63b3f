"""One extract's rows, before they are split into deliveries."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from pipeline.demo.headers import SCHEMAS


@dataclass(frozen=True)
class Extract:
    """Rows of one entity and, for each, the second (UTC) from which an export would contain it."""

    name: str
    rows: pa.Table
    seconds: np.ndarray

    def between(self, after: int, until: int) -> "Extract":
        """Rows of the half-open time (after, until], ordered by time."""
        if len(self.seconds) and (np.diff(self.seconds) >= 0).all():
            first, end = np.searchsorted(self.seconds, (after, until), side="right")
            return Extract(self.name, self.rows.slice(first, end - first), self.seconds[first:end])
        chosen = np.flatnonzero((self.seconds > after) & (self.seconds <= until))
        chosen = chosen[np.argsort(self.seconds[chosen], kind="stable")]
        return Extract(self.name, self.rows.take(chosen), self.seconds[chosen])


def extract(name: str, seconds: np.ndarray, columns: Mapping[str, object]) -> Extract:
    """An extract from columns by header; a header without a column is null in every row.

    Timestamps are given as seconds since 1970, dates as days since 1970; a float NaN is null.
    """
    schema = SCHEMAS[name]
    unknown = set(columns) - set(schema.names)
    if unknown:
        raise ValueError(f"{name} has no columns {sorted(unknown)}")
    arrays = [_array(columns.get(field.name), field.type, len(seconds)) for field in schema]
    return Extract(name, pa.Table.from_arrays(arrays, schema=schema), np.asarray(seconds))


def _array(values: object, kind: pa.DataType, rows: int) -> pa.Array:
    if values is None:
        return pa.nulls(rows, kind)
    if isinstance(values, str | bool):
        return pa.repeat(pa.scalar(values, kind), rows)
    if isinstance(values, pa.Array | pa.ChunkedArray):
        array = values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values
        if pa.types.is_date32(kind) and pa.types.is_integer(array.type):
            array = array.cast(pa.int32())
        return array if array.type == kind else array.cast(kind)
    values = np.asarray(values)
    if values.dtype.kind == "f" and not pa.types.is_floating(kind):
        missing = np.isnan(values)
        whole = np.where(missing, 0, values).astype(np.int64)
        return _array(pa.array(whole, mask=missing), kind, rows)
    if pa.types.is_date32(kind) or pa.types.is_timestamp(kind):
        return _array(pa.array(values.astype(np.int64)), kind, rows)
    return pa.array(values, kind, from_pandas=True)
