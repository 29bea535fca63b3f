"""Expectation files: what is checked of one table at one door.

`expectations/<door>__<table>.yml`, e.g. `raw__salesforce__leads.yml`, `marts__fct_credits.yml`:

    table: raw.salesforce__leads     # `door.table`, as the file is named
    description: Leads of the night
    when_empty: ok                   # ok (default) or fail: what a batch without rows means
    key: [id]                        # optional; names rows in examples (raw tables: the contract's)
    query: select ...                # optional; the batch is this query's rows, not a table's
    expectations:
      - type: expect_column_values_to_be_between     # a Great Expectations name
        kwargs: {column: created_date, max_value: "{business_date+1}"}
        severity: critical           # critical stops the run, warning is kept and shown
        where: not is_converted      # optional SQL condition: only these rows
        allow_rows: 5                # optional: so few rows are no failure, however small the night
        why: A lead cannot be created after the night it was delivered in.

`{business_date}`, with `+days` or `-days`, stands for the night: an instant in `kwargs`, a date
literal in `query` and `where`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Literal

import yaml

from pipeline.errors import UsageError, unknown_name

Door = Literal["raw", "marts"]
DOORS: tuple[Door, ...] = ("raw", "marts")
SEVERITIES = ("critical", "warning")
WHEN_EMPTY = ("ok", "fail")

_FILE_FIELDS = ("table", "description", "when_empty", "key", "query", "expectations")
_EXPECTATION_FIELDS = ("type", "kwargs", "where", "allow_rows", "severity", "why")
_BUSINESS_DATE = re.compile(r"\{business_date\s*(?:([+-])\s*(\d+))?\}")


@dataclass(frozen=True)
class Expectation:
    """One check: a Great Expectations type with its arguments, how bad a failure is, and why it is checked.

    Up to `allow_rows` offending rows are no failure: `mostly` alone closes the door for one row of a small night.
    """

    type: str
    kwargs: Mapping[str, Any]
    severity: str
    why: str
    where: str | None = None
    allow_rows: int = 0

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns the check reads, in the order its arguments name them."""
        named = [self.kwargs[name] for name in ("column", "column_A", "column_B") if name in self.kwargs]
        return tuple(dict.fromkeys([*named, *(self.kwargs.get("column_list") or [])]))

    @property
    def column_name(self) -> str | None:
        """The columns as one text, None for a check of the whole table."""
        return ", ".join(self.columns) or None


@dataclass(frozen=True)
class ExpectationFile:
    """Everything that is checked of one table at one door."""

    path: Path
    door: Door
    name: str
    description: str
    expectations: tuple[Expectation, ...]
    when_empty: str = "ok"
    key: tuple[str, ...] = ()
    query: str | None = None

    @property
    def table(self) -> str:
        """`schema.table`: the table that is read, or the name a query's rows are reported under."""
        return f"{self.door}.{self.name}"


def expectation_files(folder: Path, door: Door, tables: list[str] | None = None) -> list[ExpectationFile]:
    """The expectation files of one door, by name; only those of `tables` (with or without the schema) if given.

    Raises `UsageError` naming the file, the expectation and the known names when one is wrong.
    """
    if door not in DOORS:
        raise unknown_name("door", door, DOORS)
    files = [read_expectation_file(path) for path in sorted(folder.glob(f"{door}__*.yml"))]
    if tables is None:
        return files
    wanted = {table.removeprefix(f"{door}.") for table in tables}
    for name in sorted(wanted - {file.name for file in files}):
        raise unknown_name(f"table with expectations at door {door}", name, [file.name for file in files])
    return [file for file in files if file.name in wanted]


def read_expectation_file(path: Path) -> ExpectationFile:
    """One expectation file, its shape checked; expectation types are checked by `pipeline.quality.gx`."""
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} is not valid YAML: {error}") from error
    door, name = _named(path)
    mapping = _mapping(content, _FILE_FIELDS, f"{path}", required=("table", "expectations"))
    if mapping["table"] != f"{door}.{name}":
        raise UsageError(f"{path}: table is {mapping['table']!r}, but the file's name says '{door}.{name}'")
    entries = mapping["expectations"]
    if not isinstance(entries, list) or not entries:
        raise UsageError(f"{path}: expectations must be a list of at least one check")
    key = mapping.get("key") or []
    return ExpectationFile(
        path=path,
        door=door,
        name=name,
        description=str(mapping.get("description") or ""),
        expectations=tuple(_expectation(entry, f"{path}, expectation {n}") for n, entry in enumerate(entries, 1)),
        when_empty=_one_of("when_empty", mapping.get("when_empty", "ok"), WHEN_EMPTY, f"{path}"),
        key=tuple([key] if isinstance(key, str) else key),
        query=mapping.get("query"),
    )


def resolved(value: Any, business_date: date) -> Any:
    """A keyword argument with `{business_date±n}` and days replaced by instants (midnight UTC)."""
    if isinstance(value, str) and (match := _BUSINESS_DATE.fullmatch(value)):
        return datetime.combine(_shifted(match, business_date), time())
    if isinstance(value, date) and not isinstance(value, datetime):
        return datetime.combine(value, time())
    if isinstance(value, list):
        return [resolved(item, business_date) for item in value]
    return value


def resolved_sql(sql: str, business_date: date) -> str:
    """SQL with `{business_date±n}` replaced by date literals."""
    return _BUSINESS_DATE.sub(partial(_date_literal, business_date=business_date), sql)


def _date_literal(match: re.Match[str], business_date: date) -> str:
    return f"DATE '{_shifted(match, business_date).isoformat()}'"


def _shifted(match: re.Match[str], business_date: date) -> date:
    sign, days = match.groups()
    return business_date + timedelta(days=int(f"{sign or '+'}{days or 0}"))


def _named(path: Path) -> tuple[Door, str]:
    door, _, name = path.stem.partition("__")
    for known in DOORS:
        if door == known and name:
            return known, name
    raise UsageError(f"{path}: name the file raw__<source>__<entity>.yml or marts__<model>.yml")


def _expectation(entry: Any, where: str) -> Expectation:
    fields = _mapping(entry, _EXPECTATION_FIELDS, where, required=("type", "severity", "why"))
    kwargs = fields.get("kwargs") or {}
    if not isinstance(kwargs, dict):
        raise UsageError(f"{where}: kwargs must be a mapping of argument names to values")
    allow_rows = fields.get("allow_rows", 0)
    if not isinstance(allow_rows, int) or allow_rows < 0:
        raise UsageError(f"{where}: allow_rows must be a count of rows, not {allow_rows!r}")
    return Expectation(
        type=str(fields["type"]),
        kwargs=kwargs,
        severity=_one_of("severity", fields["severity"], SEVERITIES, where),
        why=str(fields["why"]),
        where=fields.get("where"),
        allow_rows=allow_rows,
    )


def _mapping(content: Any, known: tuple[str, ...], where: str, required: tuple[str, ...]) -> dict[str, Any]:
    if not isinstance(content, dict):
        raise UsageError(f"{where}: must be a mapping with {', '.join(required)}")
    for name in content:
        if name not in known:
            raise UsageError(f"{where}: {unknown_name('field', str(name), known)}")
    for name in required:
        if not content.get(name):
            raise UsageError(f"{where}: {name} is missing")
    return content


def _one_of(field: str, value: Any, known: tuple[str, ...], where: str) -> str:
    if value not in known:
        raise UsageError(f"{where}: {unknown_name(field, str(value), known)}")
    return str(value)
