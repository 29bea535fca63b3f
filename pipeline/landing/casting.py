"""Text to the contract's types, in SQL: what each column accepts, and which rule a value breaks.

Values are null when empty or among the source's `null_values`. Nothing is rounded, guessed or
cut: text that is not exactly a value of the type breaks rule `type`.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from pipeline.errors import UsageError
from pipeline.landing.records import Layout
from pipeline.sources.contract import Column, Entity, Source
from pipeline.warehouse import Warehouse
from pipeline.warehouse.on_duckdb import quoted

_DATE = r"\d{4}-\d{2}-\d{2}"
_OFFSET = r" ?(?:[Zz]|UTC|[+-]\d{2}(?::?\d{2})?)"
_CLOCK = r"(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,9})?)?"
_MIDNIGHT = r"00:00(?::00(?:\.0{1,9})?)?"
_NUMBER = r"[+-]?(?:\d+\.?\d*|\.\d+)"


@dataclass(frozen=True)
class Cast:
    """How the text of one entity of a source becomes typed values.

    `native` names columns whose text a typed file format wrote: they are read as ISO 8601,
    whatever format the source declares for its text files.
    """

    source: Source
    entity: Entity
    native: frozenset[str] = frozenset()

    def text(self, column: Column, text: str) -> str:
        """The value as text: null where empty or declared to mean null."""
        value = text if column.type == "string" else f"trim({text}, ' \t')"
        nulls = ", ".join(quoted(null) for null in ("", *self.source.null_values))
        return f"CASE WHEN {value} NOT IN ({nulls}) THEN {value} END"

    def value(self, column: Column, text: str) -> str:
        """The typed value of non-null `text`; null when it is not a value of the type."""
        kind = column.type
        if kind == "string":
            return text
        if kind == "integer":
            return _when(text, r"[+-]?\d+(?:\.0*)?", f"TRY_CAST(split_part({text}, '.', 1) AS BIGINT)")
        if kind == "double":
            number = f"TRY_CAST({text} AS DOUBLE)"
            return _when(text, rf"{_NUMBER}(?:[eE][+-]?\d+)?", f"CASE WHEN isfinite({number}) THEN {number} END")
        if kind in ("decimal", "rate"):
            return _exact(text, 4 if kind == "decimal" else 8)
        if kind == "boolean":
            return (
                f"CASE WHEN lower({text}) IN ('true', 't', 'yes', 'y', '1') THEN true "
                f"WHEN lower({text}) IN ('false', 'f', 'no', 'n', '0') THEN false END"
            )
        return self._date(column, text) if kind == "date" else self._timestamp(column, text)

    def breaks(self, column: Column, text: str, value: str) -> list[tuple[str, str]]:
        """(rule, condition) pairs: each condition is true, false or null on the column's `text` and typed `value`."""
        rules = []
        if column.required:
            rules.append(("required", f"{text} IS NULL"))
        if column.type != "string":
            rules.append(("type", f"({text} IS NOT NULL AND {value} IS NULL)"))
        if column.type in ("date", "timestamp"):
            rules.append(("range", f"year({value}) NOT BETWEEN 1900 AND 2200"))
        if column.allowed:
            rules.append(("allowed", f"{value} NOT IN ({', '.join(quoted(v) for v in column.allowed)})"))
        return rules

    def _date(self, column: Column, text: str) -> str:
        if self.source.date_format and column.name not in self.native:
            parsed = f"try_strptime({text}, {quoted(self.source.date_format)})"
            return f"CASE WHEN {parsed}::TIME = TIME '00:00:00' THEN {parsed}::DATE END"
        pattern = f"{_DATE}(?:[Tt ]{_MIDNIGHT}(?:{_OFFSET})?)?"
        return _when(text, pattern, f"TRY_CAST(left({text}, 10) AS DATE)")

    def _timestamp(self, column: Column, text: str) -> str:
        if self.source.timestamp_format and column.name not in self.native:
            form = self.source.timestamp_format
            parsed = f"try_strptime({text}, {quoted(form)})"
            return f"({parsed} AT TIME ZONE 'UTC')" if "%z" in form.lower() else self._local(parsed)
        plain = _when(text, f"{_DATE}(?:[Tt ]{_CLOCK})?", self._local(f"TRY_CAST({text} AS TIMESTAMP)"))
        zoned = f"(TRY_CAST({text} AS TIMESTAMPTZ) AT TIME ZONE 'UTC')"
        return f"CASE WHEN regexp_full_match({text}, '{_DATE}[Tt ]{_CLOCK}{_OFFSET}') THEN {zoned} ELSE {plain} END"

    def _local(self, timestamp: str) -> str:
        """An instant from a wall-clock time of the source."""
        if self.source.time_zone == "UTC":
            return timestamp
        return f"(({timestamp}) AT TIME ZONE {quoted(self.source.time_zone)} AT TIME ZONE 'UTC')"


def check_options(warehouse: Warehouse, source: Source) -> None:
    """Raise `UsageError` when an option of the source cannot be used."""
    if len(source.delimiter) != 1 or source.delimiter in '"\r\n ':
        raise UsageError(f"source {source.name}: delimiter {source.delimiter!r} must be one character, not a quote")
    if not warehouse.value("SELECT count(*) FROM pg_timezone_names() WHERE name = ?", [source.time_zone]):
        raise UsageError(f"source {source.name}: time zone {source.time_zone!r} is not known; e.g. Europe/Berlin, UTC")
    for name in ("timestamp_format", "date_format"):
        form = getattr(source, name)
        if form is not None and "%" not in form:
            raise UsageError(f"source {source.name}: {name} {form!r} is not a strptime pattern such as %d.%m.%Y")
    for name in source.must_deliver:
        source.entity(name)


def text_breaks_contract(cast: Cast, layout: Layout, field: Callable[[int], str]) -> str:
    """SQL: whether a record given as text breaks a rule; `field` gives the SQL of a position of the file."""
    conditions = []
    for column in cast.entity.columns:
        if column.name in layout.positions:
            text = cast.text(column, field(layout.positions[column.name]))
            conditions += [condition for _, condition in cast.breaks(column, text, cast.value(column, text))]
    return any_of(conditions)


def any_of(conditions: list[str]) -> str:
    """SQL: whether any condition is true; null conditions are not."""
    return f"coalesce({' OR '.join(conditions)}, false)" if conditions else "false"


def typed_sql(cast: Cast, text_sql: str) -> str:
    """The records of `text_sql` typed: `ordinal`, `v<i>` per contract column, `extra`, `row_hash` and `is_bad`."""
    columns = list(enumerate(cast.entity.columns))
    bad = any_of([condition for _, _, _, condition in _conditions(cast)])
    # Null columns leave no trace in the hash, so that a contract may gain columns.
    named = [
        f"{quoted(column.name + '=')} || v{i}::VARCHAR" for i, column in sorted(columns, key=lambda pair: pair[1].name)
    ]
    return (
        f"SELECT ordinal, {', '.join(f'v{i}' for i, _ in columns)}, extra, {bad} AS is_bad, "
        f"md5(concat_ws(chr(31), {', '.join(named)}, '_extra=' || extra::VARCHAR)) AS row_hash "
        f"FROM ({_values_sql(cast, text_sql)})"
    )


def violations_sql(cast: Cast, text_sql: str) -> str:
    """Each record of `text_sql` by `ordinal` with the list of the rules it breaks.

    A violation is `{column_name, rule, value}`; the first is the one that counts.
    """
    items = ", ".join(
        f"CASE WHEN {condition} THEN {{'column_name': {quoted(column.name)}, 'rule': '{rule}', 'value': x{i}}} END"
        for i, column, rule, condition in _conditions(cast)
    )
    return (
        f"SELECT ordinal, list_filter([{items}], lambda v: v IS NOT NULL) AS violations "
        f"FROM ({_values_sql(cast, text_sql)})"
    )


def _values_sql(cast: Cast, text_sql: str) -> str:
    """Every contract column `i` as cleaned text `x<i>` and as value `v<i>`."""
    columns = list(enumerate(cast.entity.columns))
    texts = ", ".join(f"{cast.text(column, f't{i}')} AS x{i}" for i, column in columns)
    values = ", ".join(f"x{i}, {cast.value(column, f'x{i}')} AS v{i}" for i, column in columns)
    return f"SELECT ordinal, {values}, extra FROM (SELECT ordinal, {texts}, extra FROM ({text_sql}))"


def _conditions(cast: Cast) -> Iterator[tuple[int, Column, str, str]]:
    for i, column in enumerate(cast.entity.columns):
        for rule, condition in cast.breaks(column, f"x{i}", f"v{i}"):
            yield i, column, rule, condition


def _when(text: str, pattern: str, value: str) -> str:
    return f"CASE WHEN regexp_full_match({text}, {quoted(pattern)}) THEN {value} END"


def _exact(text: str, places: int) -> str:
    """A decimal of at most `places` places that matter; powers of ten only where they lose nothing."""
    plain = rf"[+-]?(?:\d+(?:\.\d{{0,{places}}}0*)?|\.\d{{1,{places}}}0*)"
    power = r"[+-]?\d{1,10}(?:\.\d{1,10})?[eE]\+?\d{1,2}"
    wide, narrow = f"TRY_CAST({text} AS DECIMAL(38, 10))", f"TRY_CAST({text} AS DECIMAL(18, {places}))"
    return (
        f"CASE WHEN regexp_full_match({text}, {quoted(plain)}) THEN {narrow} "
        f"WHEN regexp_full_match({text}, {quoted(power)}) AND {wide} = {narrow} THEN {narrow} END"
    )
