"""Picks the good records out of a damaged CSV file, and names what is wrong with the rest.

A record may span lines only when a quoted field does. Each line that opens such a field is joined
with the lines up to the one that leaves it; when that does not make a whole record, or would
swallow a line that is a record by itself, only the opening line is rejected and reading goes on
at the next line. So damage stays where it is.
"""

from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from pipeline.landing.casting import Cast, text_breaks_contract
from pipeline.landing.csv_grammar import Grammar
from pipeline.landing.records import REJECTS, Layout
from pipeline.landing.text import LINE_MARK, MAX_LINE_BYTES, NONCHARACTER_MARK, NUL_MARK, Text
from pipeline.sources.contract import Entity, Source
from pipeline.warehouse import Warehouse
from pipeline.warehouse.on_duckdb import quoted

_LINES = "landing_lines"
_STATES = "landing_states"
_SPANS = "landing_spans"
_RECORDS = "landing_records"
_ORDINALS = "landing_ordinals"


@dataclass(frozen=True)
class Repaired:
    """The good records, without header, in `path`; `ordinals` says which line each starts at."""

    path: Path
    count: int
    blank_lines: int
    ordinals: str
    lines_sql: str


def repair(
    warehouse: Warehouse,
    text: Text,
    grammar: Grammar,
    header_end: int,
    scratch: Path,
    source: Source,
    entity: Entity,
    layout: Layout,
) -> Repaired:
    """Split the lines after `header_end` into good records, written to a file in `scratch`, and rejects."""
    warehouse.execute(f"CREATE OR REPLACE TEMP TABLE {_LINES} AS {text.numbered_sql}")
    _classify(warehouse, text, grammar, header_end)
    _find_spans(warehouse, grammar, Cast(source, entity), layout)
    _drop_overlaps(warehouse)
    _assemble(warehouse, text, grammar)
    path = scratch / "good.csv"
    warehouse.execute(
        f"COPY (SELECT l.line FROM {_LINES} l JOIN {_RECORDS} r ON l.n = r.n "
        f"WHERE r.rule IS NULL ORDER BY r.n) TO {quoted(path)} "
        f"(FORMAT csv, HEADER false, DELIM '{LINE_MARK}', QUOTE '', ESCAPE '', NULLSTR '')"
    )
    warehouse.execute(
        f"CREATE OR REPLACE TEMP TABLE {_ORDINALS} AS "
        "SELECT row_number() OVER (ORDER BY start) - 1 AS ordinal, start AS line_number, count(*) AS line_count "
        f"FROM {_RECORDS} WHERE rule IS NULL GROUP BY start"
    )
    return Repaired(
        path=path,
        count=warehouse.value(f"SELECT count(*) FROM {_ORDINALS}"),
        blank_lines=warehouse.value(f"SELECT count(*) FROM {_RECORDS} WHERE rule = 'blank'"),
        ordinals=_ORDINALS,
        lines_sql=f"SELECT n AS line_number, {text.shown('line')} AS line FROM {_LINES}",
    )


def _classify(warehouse: Warehouse, text: Text, grammar: Grammar, header_end: int) -> None:
    """One row per data line: where it ends and its delimiters, when it starts outside and inside a quoted field."""
    marks = " OR ".join(f"contains(line, '{mark}')" for mark in (NUL_MARK, NONCHARACTER_MARK))
    inside = grammar.from_inside("line")
    warehouse.execute(
        f"CREATE OR REPLACE TEMP TABLE {_STATES} AS SELECT *, "
        f"CASE WHEN has_quote THEN {grammar.ends('line')} ELSE 'outside' END AS ends_from_outside, "
        f"CASE WHEN has_quote THEN {grammar.ends(inside)} ELSE 'inside' END AS ends_from_inside, "
        f"CASE WHEN has_quote THEN {grammar.delimiters(inside)} ELSE 0 END AS delimiters_from_inside, "
        f"{grammar.delimiters('line')} AS delimiters_from_outside, strlen(line) + 1 AS bytes, "
        "sum(strlen(line) + 1) OVER (ORDER BY n) AS total_bytes "
        f"FROM (SELECT n, coalesce(line, '') AS line, contains(coalesce(line, ''), '\"') AS has_quote, "
        f"trim(coalesce(line, ''), ' ') = '' AS is_blank, "
        f"{f'coalesce({marks}, false)' if text.has_marks else 'false'} AS has_mark "
        f"FROM {_LINES} WHERE n > {header_end})"
    )
    if warehouse.value(f"SELECT count(*) FROM {_STATES}") != text.line_count - header_end:
        raise AssertionError(f"{text.path}: lines were lost while reading")


def _find_spans(warehouse: Warehouse, grammar: Grammar, cast: Cast, layout: Layout) -> None:
    """Fill the table of spans: first and last line of each whole record over several lines."""
    # Going from a line that opens a field, the record ends at the first line that does not end inside.
    warehouse.execute(
        f"CREATE OR REPLACE TEMP TABLE {_SPANS} AS "
        "WITH running AS ("
        "SELECT n, ends_from_outside, ends_from_inside, delimiters_from_outside, bytes, total_bytes, "
        "sum(delimiters_from_inside) OVER (ORDER BY n) AS delimiters, "
        "min(CASE WHEN ends_from_inside <> 'inside' THEN n END) OVER "
        "(ORDER BY n ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING) AS leaves "
        f"FROM {_STATES} WHERE has_quote"
        ") "
        "SELECT first.n AS first, last.n AS last FROM running first JOIN running last ON last.n = first.leaves "
        "WHERE first.ends_from_outside = 'inside' AND last.ends_from_inside = 'outside' "
        f"AND first.delimiters_from_outside + last.delimiters - first.delimiters = {grammar.field_count - 1} "
        f"AND last.total_bytes - first.total_bytes + first.bytes <= {MAX_LINE_BYTES}"
    )
    if not warehouse.value(f"SELECT count(*) FROM {_SPANS}"):
        return
    # A line within a span that is a sound record by itself shows that the opening quote is the damage.
    broken = text_breaks_contract(cast, layout, lambda position: f"trim(fields[{position + 1}], '\"')")
    warehouse.execute(
        f"DELETE FROM {_SPANS} WHERE first IN ("
        f"WITH reach AS (SELECT min(first) AS first, last FROM {_SPANS} GROUP BY last), "
        "within AS ("
        f"SELECT a.n, r.last, {grammar.fields('a.line')} AS fields FROM {_STATES} a ASOF JOIN reach r ON a.n > r.first "
        f"WHERE a.n <= r.last AND a.ends_from_outside = 'outside' "
        f"AND a.delimiters_from_outside = {grammar.field_count - 1}), "
        f"swallowed AS (SELECT last, max(n) AS n FROM within WHERE NOT ({broken}) GROUP BY last) "
        f"SELECT s.first FROM {_SPANS} s JOIN swallowed w ON s.last = w.last WHERE w.n > s.first)"
    )


def _drop_overlaps(warehouse: Warehouse) -> None:
    """Where spans overlap, the one that starts first is read, as a reader going down the file would."""
    overlapping = warehouse.value(
        "SELECT count(*) FROM (SELECT first, max(last) OVER "
        f"(ORDER BY first ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS reached FROM {_SPANS}) "
        "WHERE first <= reached"
    )
    if not overlapping:
        return
    kept: list[tuple[int, int]] = []
    for first, last in warehouse.rows(f"SELECT first, last FROM {_SPANS} ORDER BY first"):
        if not kept or first > kept[-1][1]:
            kept.append((first, last))
    warehouse.create_from_arrow(
        _SPANS, pa.table({"first": [first for first, _ in kept], "last": [last for _, last in kept]})
    )


def _assemble(warehouse: Warehouse, text: Text, grammar: Grammar) -> None:
    """One row per data line: the line its record starts at and the rule it broke, null when good."""
    last_line = text.line_count if not text.ends_with_newline else 0
    nul = f"contains(line, '{NUL_MARK}')"
    warehouse.execute(
        f"CREATE OR REPLACE TEMP TABLE {_RECORDS} AS "
        "WITH placed AS ("
        f"SELECT l.*, CASE WHEN l.n <= s.last THEN s.first ELSE l.n END AS start, l.n <= s.last AS is_spanned "
        f"FROM {_STATES} l ASOF LEFT JOIN {_SPANS} s ON l.n >= s.first"
        ") "
        "SELECT n, start, line, delimiters_from_outside + 1 AS fields, CASE "
        f"WHEN bool_or(has_mark) OVER record THEN CASE WHEN bool_or({nul}) OVER record THEN 'nul_byte' "
        "ELSE 'noncharacter' END "
        "WHEN is_spanned THEN NULL "
        "WHEN is_blank THEN 'blank' "
        "WHEN ends_from_outside = 'nowhere' THEN 'bad_quote' "
        f"WHEN n = {last_line} AND ends_from_outside = 'inside' THEN 'truncated_line' "
        f"WHEN n = {last_line} AND delimiters_from_outside < {grammar.field_count - 1} THEN 'truncated_line' "
        "WHEN ends_from_outside = 'inside' THEN 'open_quote' "
        f"WHEN delimiters_from_outside <> {grammar.field_count - 1} THEN 'field_count' END AS rule "
        "FROM placed WINDOW record AS (PARTITION BY start)"
    )
    warehouse.execute(
        f"INSERT INTO {REJECTS} SELECT start, count(*), NULL, rule, CASE rule "
        "WHEN 'nul_byte' THEN 'the record holds a NUL byte' "
        "WHEN 'noncharacter' THEN 'the record holds a Unicode noncharacter' "
        "WHEN 'bad_quote' THEN 'a quote stands where none may: within an unquoted field, or before more text' "
        "WHEN 'open_quote' THEN 'a quote opens a field and nothing closes it' "
        "WHEN 'truncated_line' THEN format('the file ends within this record: {} of "
        f"{grammar.field_count} fields', any_value(fields)) "
        f"ELSE format('{{}} fields where the header has {grammar.field_count}', any_value(fields)) END, "
        f"{text.shown('string_agg(line, chr(10) ORDER BY n)')} "
        f"FROM {_RECORDS} WHERE rule <> 'blank' GROUP BY start, rule"
    )
