"""Newline-delimited JSON: one object a line, keys matched like the headers of a CSV file."""

from pipeline.landing.records import REJECTS, Records, extra_json
from pipeline.landing.report import BadFile
from pipeline.landing.text import NONCHARACTER_MARK, NUL_MARK, RETURN_MARK, Text
from pipeline.sources.contract import Column, Entity
from pipeline.warehouse import Warehouse
from pipeline.warehouse.on_duckdb import quoted

_LINES = "landing_lines"
_OBJECTS = "landing_objects"
_ORDINALS = "landing_ordinals"
_MOST_UNKNOWN_KEYS = 1000
#: JSON numbers with more digits are not exact as doubles, so their text is taken from the line.
_EXACT_DIGITS = 15


def read(warehouse: Warehouse, text: Text, entity: Entity) -> Records:
    """The objects of the file. Broken lines go to `records.REJECTS`; missing keys are null.

    Raises `BadFile` with rule `too_many_columns`.
    """
    line = "coalesce(line, '')"
    if text.has_returns:
        line = f"replace({line}, '{RETURN_MARK}', chr(13))"
    warehouse.execute(
        f"CREATE OR REPLACE TEMP TABLE {_LINES} AS SELECT line FROM (SELECT {line} AS line FROM {text.lines_sql})"
    )
    if warehouse.value(f"SELECT count(*) FROM {_LINES}") != text.line_count:
        raise AssertionError(f"{text.path}: lines were lost while reading")
    _reject_broken(warehouse, text)
    warehouse.execute(
        f"CREATE OR REPLACE TEMP TABLE {_OBJECTS} AS SELECT line, n FROM (SELECT line, rowid + 1 AS n FROM {_LINES}) "
        f"WHERE trim(line, ' \t\r') <> '' AND n NOT IN (SELECT line_number FROM {REJECTS})"
    )
    known, unknown = _keys(warehouse, entity)
    warehouse.execute(
        f"CREATE OR REPLACE TEMP TABLE {_ORDINALS} AS "
        f"SELECT rowid AS ordinal, n AS line_number, 1 AS line_count FROM {_OBJECTS}"
    )
    count = warehouse.value(f"SELECT count(*) FROM {_OBJECTS}")
    rejected = warehouse.value(f"SELECT count(*) FROM {REJECTS}")
    return Records(
        text_sql=_text_sql(entity, known, unknown),
        count=count,
        lines_sql=f"SELECT rowid + 1 AS line_number, {text.shown('line')} AS line FROM {_LINES}",
        physical_lines=text.line_count,
        header_lines=0,
        blank_lines=text.line_count - count - rejected,
        ordinals=_ORDINALS,
        new_columns=tuple(unknown),
    )


def _reject_broken(warehouse: Warehouse, text: Text) -> None:
    last_line = text.line_count if not text.ends_with_newline else 0
    keys = "list_transform(json_keys(line), lambda k: lower(k))"
    twice = f"len({keys}) <> len(list_distinct({keys}))"
    escaped_nul = r"regexp_matches(line, '(?:^|[^\\])(?:\\\\)*\\u0000')"
    marks = f"contains(line, '{NUL_MARK}')" if text.has_marks else "false"
    others = f"contains(line, '{NONCHARACTER_MARK}')" if text.has_marks else "false"
    warehouse.execute(
        f"INSERT INTO {REJECTS} SELECT n, 1, NULL, rule, CASE rule "
        "WHEN 'nul_byte' THEN 'the line holds a NUL character' "
        "WHEN 'noncharacter' THEN 'the line holds a Unicode noncharacter' "
        "WHEN 'truncated_line' THEN 'the file ends within this line' "
        "WHEN 'bad_json' THEN 'the line is not valid JSON' "
        "WHEN 'not_an_object' THEN 'the line holds JSON that is not an object' "
        f"ELSE 'the object holds a key twice' END, {text.shown('line')} FROM (SELECT n, line, CASE "
        f"WHEN {marks} OR {escaped_nul} THEN 'nul_byte' WHEN {others} THEN 'noncharacter' "
        f"WHEN NOT json_valid(line) THEN CASE WHEN n = {last_line} THEN 'truncated_line' ELSE 'bad_json' END "
        "WHEN json_type(line) <> 'OBJECT' THEN 'not_an_object' "
        f"WHEN {twice} THEN 'duplicate_column' END AS rule "
        f"FROM (SELECT line, rowid + 1 AS n FROM {_LINES}) WHERE trim(line, ' \t\r') <> '') WHERE rule IS NOT NULL"
    )


def _keys(warehouse: Warehouse, entity: Entity) -> tuple[dict[str, list[str]], list[str]]:
    """The spellings of each contract column among the file's keys, and the unknown keys."""
    columns = {Column.header_key(column.header): column.name for column in entity.columns}
    found = warehouse.rows(
        f"SELECT DISTINCT unnest(json_keys(line)) AS key FROM {_OBJECTS} ORDER BY key LIMIT {_MOST_UNKNOWN_KEYS + 1000}"
    )
    known: dict[str, list[str]] = {}
    unknown: list[str] = []
    for (key,) in found:
        name = columns.get(Column.header_key(key))
        if name is None:
            unknown.append(key)
        else:
            known.setdefault(name, []).append(key)
    if len(unknown) > _MOST_UNKNOWN_KEYS:
        raise BadFile("too_many_columns", f"more than {_MOST_UNKNOWN_KEYS} keys that the contract does not know")
    return known, unknown


def _text_sql(entity: Entity, known: dict[str, list[str]], unknown: list[str]) -> str:
    columns = []
    for i, column in enumerate(entity.columns):
        spellings = [_value(column, key) for key in known.get(column.name, [])]
        value = f"coalesce({', '.join(spellings)})" if len(spellings) > 1 else (spellings or ["NULL::VARCHAR"])[0]
        columns.append(f"{value} AS t{i}")
    extra = extra_json({key: f"nullif(json_extract(line, {_pointer(key)})::VARCHAR, 'null')" for key in unknown})
    return f"SELECT {', '.join(columns)}, {extra} AS extra FROM {_OBJECTS} ORDER BY rowid"


def _value(column: Column, key: str) -> str:
    value = f"json_extract_string(line, {_pointer(key)})"
    if column.type not in ("integer", "decimal", "rate"):
        return value
    # The first number after the key may belong to a nested object: take it only when it is the same number.
    pattern = quoted(f'"{_escaped(key)}"\\s*:\\s*(-?[0-9][0-9.eE+-]*)')
    written = f"regexp_extract(line, {pattern}, 1)"
    return (
        f"CASE WHEN length({value}) > {_EXACT_DIGITS} AND TRY_CAST({written} AS DOUBLE) = TRY_CAST({value} AS DOUBLE) "
        f"THEN {written} ELSE {value} END"
    )


def _pointer(key: str) -> str:
    return quoted("/" + key.replace("~", "~0").replace("/", "~1"))


def _escaped(key: str) -> str:
    return "".join(c if c.isalnum() or c == "_" else f"\\{c}" if c.isascii() else c for c in key)
