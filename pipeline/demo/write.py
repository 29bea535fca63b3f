"""Files whose bytes depend on their rows only."""

import gzip
import io
from collections.abc import Iterable
from itertools import chain
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as csv
import pyarrow.parquet as parquet

FORMATS = ("csv", "csv.gz", "parquet")


def write_table(path: Path, table: pa.Table) -> None:
    """Write a table as the suffix of `path` says: `.csv`, `.csv.gz` or `.parquet`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    name = path.name
    if name.endswith(".parquet"):
        parquet.write_table(table.replace_schema_metadata(None), path, compression="zstd", store_schema=False)
    elif name.endswith(".csv"):
        csv.write_csv(table, path, _OPTIONS)
    elif name.endswith(".csv.gz"):
        text = io.BytesIO()
        csv.write_csv(table, text, _OPTIONS)
        write_bytes(path, text.getvalue())
    else:
        raise ValueError(f"{name}: known formats are {', '.join(FORMATS)}")


def write_bytes(path: Path, content: bytes) -> None:
    """Write bytes, compressed without a time stamp where the name ends in `.gz`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.name.endswith(".gz"):
        content = gzip.compress(content, compresslevel=6, mtime=0)
    path.write_bytes(content)


def write_csv_with(path: Path, table: pa.Table, lines: list[tuple[int, bytes]]) -> list[int]:
    """Write a CSV with raw lines put before the given rows; returns the 1-based line number of each.

    `lines` are (row, line without its end), ordered by row.
    """
    text = io.BytesIO()
    with csv.CSVWriter(text, table.schema, write_options=_OPTIONS) as rows:
        done = 0
        numbers = []
        for k, (row, line) in enumerate(lines):
            rows.write_table(table.slice(done, row - done))
            done = row
            text.write(line + b"\n")
            numbers.append(row + k + 2)
        rows.write_table(table.slice(done))
        write_bytes(path, text.getvalue())
    return numbers


def write_csv_parts(path: Path, parts: Iterable[pa.Table]) -> None:
    """Write tables of one schema below each other, of which there is one at least; one is held at a time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    tables = iter(parts)
    first = next(tables)
    with csv.CSVWriter(path, first.schema, write_options=_OPTIONS) as rows:
        for table in chain([first], tables):
            rows.write_table(table)


_OPTIONS = csv.WriteOptions(include_header=True, quoting_style="needed")
