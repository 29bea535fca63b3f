"""Delimited text: records are found by us, values are read by DuckDB's strict reader.

One streaming pass over the physical lines says whether each is one whole record. Then DuckDB
reads the file as it is. Otherwise `csv_repair` picks the good records out, and only those are read.
"""

import csv
from dataclasses import dataclass
from pathlib import Path

from pipeline.landing import csv_repair
from pipeline.landing.csv_grammar import Grammar
from pipeline.landing.records import Records, match_header, text_columns
from pipeline.landing.report import BadFile
from pipeline.landing.text import NONCHARACTER_MARK, NUL_MARK, RETURN_MARK, Text
from pipeline.sources.contract import Entity, Source
from pipeline.warehouse import Warehouse
from pipeline.warehouse.on_duckdb import quoted

_MOST_HEADER_LINES = 20


@dataclass(frozen=True)
class Header:
    """The header record: its names, and the physical lines before and in it."""

    names: tuple[str, ...]
    blank_lines: int
    header_lines: int

    @property
    def end(self) -> int:
        """The last physical line of the header."""
        return self.blank_lines + self.header_lines


def read(warehouse: Warehouse, text: Text, source: Source, entity: Entity, scratch: Path) -> Records | None:
    """The records of a CSV file, or None when it holds nothing but blank lines.

    Raises `BadFile` when the header is not usable. Broken records go to `records.REJECTS`.
    """
    header = read_header(text, source.delimiter)
    if header is None:
        return None
    layout = match_header(header.names, entity)
    grammar = Grammar(source.delimiter, len(header.names))
    values = [f'replace("c{i}", {quoted(RETURN_MARK)}, chr(13))' if text.has_returns else f'"c{i}"'
              for i in range(grammar.field_count)]  # fmt: skip
    columns = text_columns(entity, layout, values)

    def select(path: Path, skip: int) -> str:
        # Numbered as they are read: what comes after may well mix the order.
        reader = _reader(path, source.delimiter, grammar.field_count, skip)
        return f"SELECT row_number() OVER () - 1 AS ordinal, {columns} FROM {reader}"

    if header.end == 1 and _is_clean(warehouse, text, grammar):
        return Records(
            text_sql=select(text.path, 1),
            count=text.line_count - 1,
            lines_sql=f"SELECT n AS line_number, {text.shown('line')} AS line FROM ({text.numbered_sql})",
            physical_lines=text.line_count,
            header_lines=1,
            blank_lines=0,
            first_line=2,
            new_columns=tuple(layout.unknown),
        )
    repaired = csv_repair.repair(warehouse, text, grammar, header.end, scratch, source, entity, layout)
    return Records(
        text_sql=select(repaired.path, 0),
        count=repaired.count,
        lines_sql=repaired.lines_sql,
        physical_lines=text.line_count,
        header_lines=header.header_lines,
        blank_lines=header.blank_lines + repaired.blank_lines,
        ordinals=repaired.ordinals,
        new_columns=tuple(layout.unknown),
    )


def read_header(text: Text, delimiter: str) -> Header | None:
    """The header record, which may span lines; None when the file holds nothing but blank lines."""
    blank, taken = 0, ""
    count = 0
    with text.path.open(encoding="utf-8", newline="\n") as lines:
        for line in lines:
            if not taken and not line.strip(" \n"):
                blank += 1
                continue
            taken += line
            count += 1
            if taken.count('"') % 2 == 0 or count == _MOST_HEADER_LINES:
                break
    if not taken:
        return None
    lines_read = text.line_count
    if NUL_MARK in taken or NONCHARACTER_MARK in taken:
        hint = "if it is UTF-16 without a byte order mark, declare the source's encoding"
        raise BadFile("bad_header", f"line {blank + 1}, the header, holds NUL bytes; {hint}", physical_lines=lines_read)
    try:
        names = next(csv.reader([taken.rstrip("\n").replace(RETURN_MARK, "\r")], delimiter=delimiter, strict=True))
    except (csv.Error, StopIteration) as error:
        raise BadFile(
            "bad_header", f"line {blank + 1}, the header, cannot be taken apart: {error}", physical_lines=lines_read
        ) from error
    return Header(tuple(names), blank, count)


def _is_clean(warehouse: Warehouse, text: Text, grammar: Grammar) -> bool:
    """Whether every physical line is one whole record without blank lines and damage."""
    if text.has_marks:
        return False
    good = grammar.is_record("line") if text.has_quotes else grammar.has_all_fields("line")
    is_bad = f"line IS NULL OR NOT {good}"
    total, bad = warehouse.rows(f"SELECT count(*), count(*) FILTER ({is_bad}) FROM {text.lines_sql}")[0]
    if total != text.line_count:
        raise AssertionError(f"{text.path}: {text.line_count} physical lines, {total} were read")
    # A line of spaces is blank, and in a file of one column also a well-formed record.
    return bad == 0 and (grammar.field_count > 1 or not _has_blank(warehouse, text))


def _has_blank(warehouse: Warehouse, text: Text) -> bool:
    return bool(warehouse.value(f"SELECT count(*) FROM {text.lines_sql} WHERE trim(line, ' ') = ''"))


def _reader(path: Path, delimiter: str, field_count: int, skip: int) -> str:
    columns = ", ".join(f"'c{i}': 'VARCHAR'" for i in range(field_count))
    return (
        f"read_csv({quoted(path)}, auto_detect = false, columns = {{{columns}}}, delim = {quoted(delimiter)}, "
        f"quote = '\"', escape = '\"', header = false, skip = {skip}, new_line = '\\n', strict_mode = true, "
        "null_padding = false, ignore_errors = false, nullstr = '')"
    )
