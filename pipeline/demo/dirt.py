"""Dirt in deliveries, each kind switchable, and the ledger of what was put in.

Malformed records are added beside the true ones, with keys of their own, so that a door that
refuses exactly them lets exactly the truth through.
"""

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from zlib import crc32

import numpy as np
import pyarrow as pa

from pipeline.demo.rng import COMPANY, stream

#: Share of malformed records per file, at least one in files of some size.
MALFORMED_SHARE = 0.002
_MIN_ROWS = 40


@dataclass(frozen=True)
class Defect:
    """One injected defect: `file` relative to the landing folder, `line` 1-based (0: the whole file)."""

    file: str
    line: int
    kind: str
    key: str


@dataclass
class Ledger:
    """All injected defects, in the order of injection."""

    defects: list[Defect] = field(default_factory=list)

    def write(self, path: Path) -> None:
        """Write file, line, kind, key."""
        path.parent.mkdir(parents=True, exist_ok=True)
        text = io.StringIO()
        rows = csv.writer(text, lineterminator="\n")
        rows.writerow(["file", "line", "kind", "key"])
        rows.writerows((d.file, d.line, d.kind, d.key) for d in sorted(self.defects, key=lambda d: (d.file, d.line)))
        path.write_text(text.getvalue(), encoding="utf-8")


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
    """Malformed records for one file: (row they stand before, line, kind, key), by row."""
    n = table.num_rows
    if n < _MIN_ROWS:
        return []
    random = stream(seed, COMPANY, f"malformed {crc32(file.encode())}")
    count = min(25, max(1, int(n * MALFORMED_SHARE)))
    rows = np.sort(random.choice(n, count, replace=False))
    kinds = random.integers(0, len(BREAKS), count)
    lines = []
    for k, (row, which) in enumerate(zip(rows, kinds, strict=True)):
        values = [_text(column[int(row)].as_py()) for column in table.columns]
        values[0] = f"broken-{k}" if pa.types.is_string(table.schema[0].type) else values[0]
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
