"""Newline-delimited JSON: one object a line, keys matched like the headers of a CSV file."""

from pipeline.landing.records import REJECTS, Records, extra_json
from pipeline.landing.report import BadFile
from pipeline.landing.text import NONCHARACTER_MARK, NUL_MARK, RETURN_MARK, Text
from pipeline.sources.contract import Column, Entity
from pipeline.warehouse import Warehouse
from pipeline.warehouse.on_duckdb import quoted

_LINES = "landing_lines"
_KEYS = "landing_json_keys"
_ORDINALS = "landing_ordinals"
_MOST_KEYS = 1000
#: JSON numbers with more digits are not exact as doubles, so their text is taken from the line.
_EXACT_DIGITS = 15


def read(warehouse: Warehouse, text: Text, entity: Entity) -> Records:
    """The objects of the file. Broken lines go to `records.REJECTS`; missing keys are null.

    Raises `BadFile` with rule `too_many_columns`.
    """
    _classify(warehouse, text)
    known, unknown = _keys(warehouse, entity)
    warehouse.execute(
        f"CREATE OR REPLACE TEMP TABLE {_ORDINALS} AS "
        "SELECT row_number() OVER (ORDER BY n) - 1 AS ordinal, n AS line_number, 1 AS line_count "
        f"FROM {_LINES} WHERE rule IS NULL"
    )
    count, blank = warehouse.rows(
        f"SELECT count(*) FILTER (rule IS NULL), count(*) FILTER (rule = 'blank') FROM {_LINES}"
    )[0]
    return Records(
        text_sql=_text_sql(entity, known, unknown),
        count=count,
        lines_sql=f"SELECT n AS line_number, {text.shown('line')} AS line FROM {_LINES}",
        physical_lines=text.line_count,
        header_lines=0,
        blank_lines=blank,
        ordinals=_ORDINALS,
        new_columns=tuple(unknown),
    )


def _classify(warehouse: Warehouse, text: Text) -> None:
    """Every line with the rule it breaks, null when it is an object; broken ones are rejected."""
    line = "coalesce(line, '')"
    if text.has_returns:
        line = f"replace({line}, '{RETURN_MARK}', chr(13))"
    nul, noncharacter = (
        f"contains(line, '{mark}')" if text.has_marks else "false" for mark in (NUL_MARK, NONCHARACTER_MARK)
    )
    escaped_nul = r"(contains(line, '\u0000') AND regexp_matches(line, '(?:^|[^\\])(?:\\\\)*\\u0000'))"
    warehouse.execute(
        f"CREATE OR REPLACE TEMP TABLE {_LINES} AS SELECT n, line, CASE "
        "WHEN trim(line, ' \t\r') = '' THEN 'blank' "
        f"WHEN {nul} OR {escaped_nul} THEN 'nul_byte' WHEN {noncharacter} THEN 'noncharacter' "
        "WHEN NOT json_valid(line) THEN 'bad_json' "
        f"WHEN json_type(line) <> 'OBJECT' THEN 'not_an_object' END AS rule "
        f"FROM (SELECT n, {line} AS line FROM ({text.numbered_sql}))"
    )
    if warehouse.value(f"SELECT count(*) FROM {_LINES}") != text.line_count:
        raise AssertionError(f"{text.path}: lines were lost while reading")
    if not text.ends_with_newline:
        warehouse.execute(
            f"UPDATE {_LINES} SET rule = 'truncated_line' WHERE rule = 'bad_json' AND n = {text.line_count}"
        )
    # Most lines of a file hold the same keys: few lists are looked at.
    warehouse.execute(
        f"CREATE OR REPLACE TEMP TABLE {_KEYS} AS SELECT keys, "
        "len(keys) <> len(list_distinct(list_transform(keys, lambda k: lower(k)))) AS is_double "
        f"FROM (SELECT DISTINCT json_keys(line) AS keys FROM {_LINES} WHERE rule IS NULL)"
    )
    if warehouse.value(f"SELECT count(*) FROM {_KEYS} WHERE is_double"):
        warehouse.execute(
            f"UPDATE {_LINES} SET rule = 'duplicate_column' WHERE rule IS NULL AND "
            f"CASE WHEN rule IS NULL THEN json_keys(line) END IN (SELECT keys FROM {_KEYS} WHERE is_double)"
        )
    warehouse.execute(
        f"INSERT INTO {REJECTS} SELECT n, 1, NULL, rule, CASE rule "
        "WHEN 'nul_byte' THEN 'the line holds a NUL character' "
        "WHEN 'noncharacter' THEN 'the line holds a Unicode noncharacter' "
        "WHEN 'truncated_line' THEN 'the file ends within this line' "
        "WHEN 'bad_json' THEN 'the line is not valid JSON' "
        "WHEN 'not_an_object' THEN 'the line holds JSON that is not an object' "
        f"ELSE 'the object holds a key twice' END, {text.shown('line')} "
        f"FROM {_LINES} WHERE rule <> 'blank'"
    )


def _keys(warehouse: Warehouse, entity: Entity) -> tuple[dict[str, list[str]], list[str]]:
    """The spellings of each contract column among the file's keys, and the unknown keys."""
    columns = {Column.header_key(column.header): column.name for column in entity.columns}
    found = warehouse.rows(
        f"SELECT DISTINCT unnest(keys) AS key FROM {_KEYS} WHERE NOT is_double ORDER BY key LIMIT {2 * _MOST_KEYS}"
    )
    known: dict[str, list[str]] = {}
    unknown: list[str] = []
    for (key,) in found:
        name = columns.get(Column.header_key(key))
        if name is None:
            unknown.append(key)
        else:
            known.setdefault(name, []).append(key)
    if len(unknown) > _MOST_KEYS:
        raise BadFile("too_many_columns", f"more than {_MOST_KEYS} keys that the contract does not know")
    return known, unknown


def _text_sql(entity: Entity, known: dict[str, list[str]], unknown: list[str]) -> str:
    """The contract's columns as text; all keys of an object are taken out of it at once."""
    spellings = [key for keys in known.values() for key in keys]
    place = {key: f"found[{i + 1}]" for i, key in enumerate(spellings)}
    columns = []
    for i, column in enumerate(entity.columns):
        values = [_exact(column, key, place[key]) for key in known.get(column.name, [])] or ["NULL::VARCHAR"]
        columns.append(f"coalesce({', '.join(values)}) AS t{i}")
    extra = extra_json({key: f"nullif(json_extract(line, {_pointer(key)})::VARCHAR, 'null')" for key in unknown})
    pointers = ", ".join(map(_pointer, spellings)) or "'/'"
    return (
        f"SELECT ordinal, {', '.join(columns)}, {extra} AS extra FROM "
        f"(SELECT ordinal, line, json_extract_string(line, [{pointers}]) AS found "
        f"FROM {_LINES} JOIN {_ORDINALS} ON line_number = n)"
    )


def _exact(column: Column, key: str, value: str) -> str:
    """The text of a number as it was written: engines read JSON numbers as doubles."""
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
