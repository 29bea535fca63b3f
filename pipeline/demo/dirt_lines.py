"""Malformed records: lines that break their contract, each with a key of its own."""

import csv
import io
from collections.abc import Callable
from zlib import crc32

import numpy as np
import pyarrow as pa

from pipeline.demo.rng import COMPANY, stream

_SHARE = 0.002
_MOST = 25
#: Smaller files stay clean: one broken line in a few would close the door on the rest.
_MIN_ROWS = 60

Breaks = Callable[[list[str], pa.Schema], list[str] | None]


def _bad_timestamp(values: list[str], schema: pa.Schema) -> list[str] | None:
    return _replace_first(values, schema, pa.types.is_timestamp, "2026-02-30 25:61:00")


def _bad_date(values: list[str], schema: pa.Schema) -> list[str] | None:
    return _replace_first(values, schema, pa.types.is_date, "31.31.2026")


def _bad_number(values: list[str], schema: pa.Schema) -> list[str] | None:
    return _replace_first(values, schema, lambda t: pa.types.is_floating(t) or pa.types.is_integer(t), "n/a?")


def _missing_key(values: list[str], schema: pa.Schema) -> list[str] | None:
    return ["", *values[1:]]


def _extra_field(values: list[str], schema: pa.Schema) -> list[str] | None:
    return [*values, "surplus"]


def _replace_first(values: list[str], schema: pa.Schema, is_kind: Callable, text: str) -> list[str] | None:
    spots = [k for k, column in enumerate(schema) if is_kind(column.type) and values[k]]
    return None if not spots else [text if k == spots[0] else value for k, value in enumerate(values)]


BREAKS: dict[str, Breaks] = {
    "bad_timestamp": _bad_timestamp,
    "bad_date": _bad_date,
    "bad_number": _bad_number,
    "missing_key": _missing_key,
    "extra_field": _extra_field,
}


def malformed_lines(seed: int, file: str, table: pa.Table) -> list[tuple[int, bytes, str, str]]:
    """Malformed records for one file: (row they stand before, line, how it is broken, key), by row."""
    n = table.num_rows
    if n < _MIN_ROWS:
        return []
    random = stream(seed, COMPANY, f"malformed {crc32(file.encode())}")
    count = min(_MOST, max(1, int(n * _SHARE)))
    rows = np.sort(random.choice(n, count, replace=False))
    lines = []
    for k, (row, which) in enumerate(zip(rows, random.integers(0, len(BREAKS), count), strict=True)):
        values = [_text(column[int(row)].as_py()) for column in table.columns]
        if pa.types.is_string(table.schema[0].type):
            values[0] = f"broken-{crc32(file.encode()):08x}-{k}"
        name = list(BREAKS)[which]
        broken = BREAKS[name](values, table.schema)
        if broken is None:
            name, broken = "extra_field", _extra_field(values, table.schema)
        text = io.StringIO()
        csv.writer(text, lineterminator="").writerow(broken)
        lines.append((int(row), text.getvalue().encode(), name, values[0]))
    return lines


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return str(value)
