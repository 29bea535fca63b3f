"""Tables that analysts bring: a Parquet or CSV file read as text by us, cast by us, its errors placed by line."""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.attribution.shares import text
from pipeline.errors import UsageError
from pipeline.warehouse.base import Warehouse

FORMATS = (".csv", ".parquet")
DELIMITERS = (",", ";", "\t")
BATCH_ROWS = 50_000
LONGEST_FIELD = 16 * 2**20

#: What a table that is read has beside the file's columns.
OWN_COLUMNS = ("_line", "_row")

#: What pandas calls the index of a frame in a Parquet file; it describes nothing.
PANDAS_INDEX = "__index_level_"

#: Texts that mean "no value" in a column that is not a text.
MISSING = ("", "nan", "nat", "null", "none", "n/a")

TRUE, FALSE = ("1", "1.0", "true", "t", "yes", "y"), ("0", "0.0", "false", "f", "no", "n")


@dataclass(frozen=True)
class Field:
    """A column that is read: what its texts are cast to, and what they are called in an error."""

    kind: str
    required: bool = False
    says: str = ""


KINDS = {
    "text": "a text",
    "flag": "true or false (1/0, yes/no)",
    "integer": "a whole number",
    "number": "a number below 10^300",
    "count": "a number below 10^12",
    "amount": "an amount below 10^14",
    "moment": "a date or time such as 2026-03-31 or 2026-03-31T09:30:00+02:00",
}


def read_table(
    warehouse: Warehouse, path: Path, fields: dict[str, Field], into: str, *, keep_others: bool = False
) -> set[str]:
    """Read a file's known columns into a temporary table, cast; returns the columns read that it has.

    The table has every field (null where the file lacks it), `_line` (the line of the file, or the row from 1 of a
    Parquet file) and `_row` (a hash of the whole row, unknown columns too). With `keep_others` it has the unknown
    columns too, each a number where all its texts are, else a text. Raises `UsageError` naming file, line and column
    for what cannot be read.
    """
    if not path.is_file():
        raise UsageError(f"there is no file {path}")
    if path.suffix.lower() not in FORMATS:
        raise UsageError(f"{path.name} is neither {' nor '.join(FORMATS)}")
    is_csv = path.suffix.lower() == ".csv"
    header, batches = _csv(path) if is_csv else _parquet(path)
    names = [name.strip().lower() for name in header]
    _check_header(path, names, fields)
    columns = [f"c{number}" for number in range(len(names))]
    schema = pa.schema([("_line", pa.int64()), *((column, pa.string()) for column in columns)])
    warehouse.create_from_arrow(f"{into}_text", schema.empty_table())
    for batch in batches:
        warehouse.create_from_arrow(f"{into}_batch", batch.rename_columns(schema.names))
        listed = ", ".join(f"cast({column} as string)" for column in columns)
        warehouse.execute(f"insert into {into}_text select _line, {listed} from {into}_batch")
    placed = dict(zip(names, columns, strict=True))
    if keep_others:
        others = {name: column for name, column in placed.items() if name not in fields and PANDAS_INDEX not in name}
        fields = {**fields, **_others(warehouse, path, others, f"{into}_text")}
    _cast(warehouse, path, fields, placed, into, "line" if is_csv else "row")
    return set(names) & set(fields)


def _others(warehouse: Warehouse, path: Path, columns: dict[str, str], table: str) -> dict[str, Field]:
    """Fields of unknown columns, by what their texts are."""
    missing = ", ".join(map(text, MISSING))
    found = {}
    for name, column in columns.items():
        if not name.isidentifier() or name in OWN_COLUMNS:
            raise UsageError(
                f"{path.name}: the column {name!r} must be called by letters, digits and _ to be read, and not "
                f"{' or '.join(OWN_COLUMNS)}"
            )
        raw = f"trim({column})"
        words = warehouse.value(
            f"""select count(*) from {table} where lower({raw}) not in ({missing})
                and try_cast({raw} as double) is null"""
        )
        found[name] = Field("text" if words else "number")
    return found


def _check_header(path: Path, names: list[str], fields: dict[str, Field]) -> None:
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise UsageError(f"{path.name} has the column {twice[0]!r} more than once")
    missing = [name for name, one in fields.items() if one.required and name not in names]
    if missing:
        raise UsageError(
            f"{path.name} has no column {', '.join(missing)}; it has {', '.join(names) or 'none'}, and may have "
            + ", ".join(fields)
        )


def _csv(path: Path) -> tuple[list[str], Iterator[pa.Table]]:
    csv.field_size_limit(LONGEST_FIELD)
    rows = _rows(path)
    first = next(rows, None)
    if first is None:
        raise UsageError(f"{path.name} is empty: its first line must name the columns")
    header = first[1]

    def batches() -> Iterator[pa.Table]:
        while batch := list(islice(_of_width(path, rows, len(header)), BATCH_ROWS)):
            lines, cells = zip(*batch, strict=True)
            columns = [
                pa.array(lines, pa.int64()),
                *(pa.array(column, pa.string()) for column in zip(*cells, strict=True)),
            ]
            yield pa.table(columns, names=[str(number) for number in range(len(columns))])

    return header, batches()


def _rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """The records of a CSV file that are not blank, each with the line it starts at."""
    line = 1
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            head = file.readline()
            delimiter = max(DELIMITERS, key=head.count)
            file.seek(0)
            reader = csv.reader(file, delimiter=delimiter, strict=True)
            for row in reader:
                if any("\0" in cell for cell in row):
                    raise UsageError(f"{path.name} line {line} holds a NUL byte")
                if row:
                    yield line, row
                line = reader.line_num + 1
    except UnicodeDecodeError as error:
        raise UsageError(f"{path.name} is not UTF-8 (near line {line}): save it as UTF-8") from error
    except csv.Error as error:
        raise UsageError(f"{path.name} line {line} cannot be read as CSV: {error}") from error


def _of_width(path: Path, rows: Iterable[tuple[int, list[str]]], width: int) -> Iterator[tuple[int, list[str]]]:
    for line, row in rows:
        if len(row) != width:
            raise UsageError(f"{path.name} line {line} has {len(row)} fields, its header has {width}")
        yield line, row


def _parquet(path: Path) -> tuple[list[str], Iterator[pa.Table]]:
    try:
        file = pq.ParquetFile(path)
    except (pa.ArrowInvalid, OSError) as error:
        raise UsageError(f"{path.name} cannot be read as Parquet: {error}") from error

    def batches() -> Iterator[pa.Table]:
        done = 0
        for batch in file.iter_batches(BATCH_ROWS):
            lines = pa.array(range(done + 1, done + batch.num_rows + 1), pa.int64())
            done += batch.num_rows
            yield pa.table([lines, *batch.columns], names=["_line", *(str(n) for n in range(batch.num_columns))])

    return list(file.schema_arrow.names), batches()


def _cast(
    warehouse: Warehouse, path: Path, fields: dict[str, Field], columns: dict[str, str], into: str, place: str
) -> None:
    def value(name: str) -> str:
        if name not in columns:
            return f"cast(null as {_TYPES[fields[name].kind]})"
        return _CASTS[fields[name].kind].format(raw=f"trim({columns[name]})")

    row = ", ".join(f"coalesce({column}, '~')" for column in columns.values())
    listed = ", ".join(f'{value(name)} as "{name}"' for name in fields)  # a covariate may be called like a keyword
    warehouse.create_from_query(
        into, f"select _line, md5(concat_ws('|', {row})) as _row, {listed} from {into}_text as raw"
    )
    for name, one in fields.items():
        if name not in columns or one.kind == "text":
            continue
        raw = f"trim(raw.{columns[name]})"
        missing = ", ".join(text(word) for word in MISSING)
        wrong = f"""from {into} as cast_row inner join {into}_text as raw on cast_row._line = raw._line
            where cast_row."{name}" is null and lower({raw}) not in ({missing})"""
        found = warehouse.rows(f"select raw._line, {raw} {wrong} order by raw._line limit 1")
        if found:
            count = warehouse.value(f"select count(*) {wrong}")
            more = f" (and {count - 1} more)" if count > 1 else ""
            raise UsageError(
                f"{path.name} {place} {found[0][0]}: {name} is {found[0][1]!r}, not {one.says or KINDS[one.kind]}{more}"
            )
    warehouse.execute(f"drop table {into}_text")


_TYPES = {
    "text": "string", "flag": "boolean", "integer": "bigint", "number": "double", "count": "double",
    "amount": "decimal(18, 4)", "moment": "timestamp",
}  # fmt: skip
_CASTS = {
    "text": "nullif({raw}, '')",
    "flag": "case when lower({raw}) in ("
    + ", ".join(map(text, TRUE))
    + ") then true when lower({raw}) in ("
    + ", ".join(map(text, FALSE))
    + ") then false end",
    "integer": "case when try_cast({raw} as double) = floor(try_cast({raw} as double)) "
    "then try_cast(try_cast({raw} as double) as bigint) end",
    "number": "case when abs(try_cast({raw} as double)) < 1e300 then try_cast({raw} as double) end",
    "count": "case when abs(try_cast({raw} as double)) < 1e12 then try_cast({raw} as double) end",
    "amount": "try_cast({raw} as decimal(18, 4))",
    # Through a time with a zone, so that an offset counts; the session's zone is UTC.
    "moment": "case when isfinite(try_cast({raw} as timestamp with time zone)) "
    "then cast(try_cast({raw} as timestamp with time zone) as timestamp) end",
}
