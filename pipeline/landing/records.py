"""What every reader hands on: the records of one file as text, by column of the contract."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.errors import examples
from pipeline.landing.report import BadFile
from pipeline.sources.contract import Column, Entity
from pipeline.warehouse import Warehouse
from pipeline.warehouse.on_duckdb import quoted

#: Records that a reader could not take apart; same columns as `quarantine.rows` from `line_number` on.
REJECTS = "landing_rejects"


@dataclass(frozen=True)
class Layout:
    """Where the contract's columns are in a file: positions by column name, and unknown columns."""

    positions: Mapping[str, int]
    unknown: Mapping[str, int]


@dataclass(frozen=True)
class Records:
    """The well-formed records of a file.

    `text_sql` selects `ordinal` (0 is the first record of the file), one VARCHAR column `t<i>` per
    contract column `i` and the JSON `extra`. The record starts at line `first_line + ordinal`, or
    where the table `ordinals (ordinal, line_number, line_count)` says. `lines_sql` selects `line_number, line`.
    `native` names columns whose text is the engine's own spelling, not the source's.
    """

    text_sql: str
    count: int
    lines_sql: str
    physical_lines: int
    header_lines: int
    blank_lines: int
    first_line: int = 1
    ordinals: str | None = None
    new_columns: tuple[str, ...] = ()
    native: frozenset[str] = frozenset()


def start_rejects(warehouse: Warehouse) -> None:
    """Begin a file: no record of it is rejected yet."""
    warehouse.execute(
        f"CREATE OR REPLACE TEMP TABLE {REJECTS} (line_number BIGINT, line_count BIGINT, column_name VARCHAR, "
        "rule VARCHAR, reason VARCHAR, raw_line VARCHAR)"
    )


def match_header(headers: Sequence[str], entity: Entity) -> Layout:
    """Find the contract's columns among `headers`, whatever their order, case and word breaks.

    Raises `BadFile` with rule `duplicate_column` or `missing_column`.
    """
    by_key = {Column.header_key(column.header): column for column in entity.columns}
    positions: dict[str, int] = {}
    unknown: dict[str, int] = {}
    for position, header in enumerate(headers):
        column = by_key.get(Column.header_key(header))
        name = header.strip() or f"column_{position + 1}"
        taken, key = (positions, column.name) if column else (unknown, name)
        if key in taken:
            raise BadFile(
                "duplicate_column", f"the header holds {name!r} twice, at columns {taken[key] + 1} and {position + 1}"
            )
        taken[key] = position
    missing = [c.header for c in entity.columns if not c.optional and c.name not in positions]
    if missing:
        raise BadFile(
            "missing_column",
            f"the header lacks {', '.join(missing)}; it holds {examples((repr(h) for h in headers), 8)}",
        )
    return Layout(positions, dict(sorted(unknown.items())))


def text_columns(entity: Entity, layout: Layout, expression: Sequence[str]) -> str:
    """The select list `t0, t1, ..., extra` where position p of the file is the SQL `expression[p]`."""
    columns = [
        f"{expression[layout.positions[column.name]] if column.name in layout.positions else 'NULL::VARCHAR'} AS t{i}"
        for i, column in enumerate(entity.columns)
    ]
    pairs = {name: f"to_json(nullif({expression[position]}, ''))" for name, position in layout.unknown.items()}
    return ", ".join([*columns, f"{extra_json(pairs)} AS extra"])


def extra_json(pairs: Mapping[str, Any]) -> str:
    """SQL of a JSON object of the pairs that are not null, names in order; null when there is none."""
    if not pairs:
        return "NULL::JSON"
    items = ", ".join(f"{{'k': {quoted(name)}, 'v': ({value})::VARCHAR}}" for name, value in sorted(pairs.items()))
    kept = f"list_filter([{items}], lambda p: p.v IS NOT NULL)"
    joined = f"list_transform({kept}, lambda p: to_json(p.k)::VARCHAR || ':' || p.v)"
    return f"CASE WHEN len({kept}) > 0 THEN ('{{' || array_to_string({joined}, ',') || '}}')::JSON END"
