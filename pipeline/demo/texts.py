"""Columns of text, built without a Python loop over rows."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc


def joined(*parts: object) -> pa.Array:
    """Rows of text from parts: constants, text arrays, or whole numbers."""
    arrays = []
    for part in parts:
        if isinstance(part, str):
            arrays.append(pa.scalar(part))
        elif isinstance(part, np.ndarray) and part.dtype.kind in "iu":
            arrays.append(pa.array(part).cast(pa.string()))
        else:
            arrays.append(part if isinstance(part, pa.Array | pa.ChunkedArray) else pa.array(part, pa.string()))
    return pc.binary_join_element_wise(*arrays, "")


def numbered(prefix: str, numbers: np.ndarray, digits: int) -> pa.Array:
    """Ids of constant length: `prefix` and the number with leading zeros; null where it is negative."""
    padded = pa.array(np.asarray(numbers, dtype=np.int64) + 10**digits).cast(pa.string())
    ids = pc.binary_join_element_wise(pa.scalar(prefix), pc.utf8_slice_codeunits(padded, 1), "")
    return pc.if_else(pa.array(np.asarray(numbers) >= 0), ids, pa.scalar(None, pa.string()))


def record_id(prefix: str, numbers: np.ndarray) -> pa.Array:
    """Salesforce ids: a three-letter object prefix and 15 digits."""
    return numbered(prefix, numbers, 15)


def chosen(values: tuple[str, ...] | list[str] | np.ndarray, index: np.ndarray) -> pa.Array:
    """`values[index]` row by row; null where the index is negative."""
    index = np.asarray(index)
    return pa.array(np.asarray(values, dtype=object), pa.string()).take(
        pa.array(np.maximum(index, 0), mask=index < 0, type=pa.int64())
    )


def where(condition: np.ndarray, yes: object, no: object) -> pa.Array:
    """`yes` where the condition holds, else `no`; each an array, a text or None."""
    sides = [pa.scalar(side, pa.string()) if side is None or isinstance(side, str) else side for side in (yes, no)]
    return pc.if_else(pa.array(np.asarray(condition)), *sides)
