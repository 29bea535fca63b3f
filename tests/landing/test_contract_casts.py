"""What each type accepts from text, and what it refuses instead of rounding or guessing."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from pipeline.errors import UsageError
from pipeline.landing.casting import Cast, check_options
from pipeline.sources.contract import Column, Entity, Source
from pipeline.warehouse.on_duckdb import DuckDBWarehouse

REFUSED = "refused"
WAREHOUSE = DuckDBWarehouse.in_memory()


def cast(kind: str, text: str | None, **options: Any) -> Any:
    """The typed value of `text`, or REFUSED when it breaks a rule."""
    column = Column("value", kind)
    entity = Entity("things", (column,), key=("value",))
    caster = Cast(Source("s", "crm", (entity,), **options), entity)
    x = caster.text(column, "t")
    v = caster.value(column, "x")
    rules = " OR ".join(condition for _, condition in caster.breaks(column, "x", "v")) or "false"
    typed = f"SELECT x, {v} AS v FROM (SELECT {x} AS x FROM (SELECT ?::VARCHAR AS t))"
    value, broken = WAREHOUSE.rows(f"SELECT v, coalesce({rules}, false) FROM ({typed})", [text])[0]
    return REFUSED if broken else value


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("string", " a ", " a "),
        ("string", "", None),
        ("string", "NULL", "NULL"),
        ("integer", "12", 12),
        ("integer", " -12 ", -12),
        ("integer", "12.0", 12),
        ("integer", "12.5", REFUSED),
        ("integer", "1e3", REFUSED),
        ("integer", "1_000", REFUSED),
        ("integer", "9" * 19, REFUSED),
        ("integer", "  ", None),
        ("double", "1.5e-3", 0.0015),
        ("double", ".5", 0.5),
        ("double", "NaN", REFUSED),
        ("double", "inf", REFUSED),
        ("double", "1e999", REFUSED),
        ("decimal", "10", Decimal(10)),
        ("decimal", "-10.5", Decimal("-10.5")),
        ("decimal", "1.23450000", Decimal("1.2345")),
        ("decimal", "1.23456", REFUSED),
        ("decimal", "1e3", Decimal(1000)),
        ("decimal", "1.23456789E+8", Decimal(123456789)),
        ("decimal", "1.23456789E+3", REFUSED),
        ("decimal", "1e-2", REFUSED),
        ("decimal", "1e20", REFUSED),
        ("decimal", "9" * 14, Decimal("9" * 14)),
        ("decimal", "9" * 15, REFUSED),
        ("decimal", "1,000.00", REFUSED),
        ("decimal", "$10", REFUSED),
        ("decimal", "NaN", REFUSED),
        ("decimal", ".", REFUSED),
        ("rate", "1.12345678", Decimal("1.12345678")),
        ("rate", "1.123456789", REFUSED),
        ("boolean", "True", True),
        ("boolean", "N", False),
        ("boolean", "0", False),
        ("boolean", "maybe", REFUSED),
        ("date", "2026-03-01", date(2026, 3, 1)),
        ("date", "2026-03-01T00:00:00.000Z", date(2026, 3, 1)),
        ("date", "2026-03-01 00:00:00", date(2026, 3, 1)),
        ("date", "2026-03-01T10:00:00Z", REFUSED),
        ("date", "2026-02-29", REFUSED),
        ("date", "2026-3-1", REFUSED),
        ("date", "03/01/2026", REFUSED),
        ("date", "20260301", REFUSED),
        ("date", "1900-01-01", date(1900, 1, 1)),
        ("date", "2201-01-01", REFUSED),
        ("date", "0000-00-00", REFUSED),
        ("timestamp", "2026-03-01", datetime(2026, 3, 1)),
        ("timestamp", "2026-03-01T10:20:30", datetime(2026, 3, 1, 10, 20, 30)),
        ("timestamp", "2026-03-01 10:20", datetime(2026, 3, 1, 10, 20)),
        ("timestamp", "2026-03-01 10:20:30.123456", datetime(2026, 3, 1, 10, 20, 30, 123456)),
        ("timestamp", "2026-03-01T10:20:30.000+0000", datetime(2026, 3, 1, 10, 20, 30)),
        ("timestamp", "2026-03-01T10:20:30+02:30", datetime(2026, 3, 1, 7, 50, 30)),
        ("timestamp", "2026-03-01T23:00:00-0500", datetime(2026, 3, 2, 4)),
        ("timestamp", "2026-03-01 10:20:30Z", datetime(2026, 3, 1, 10, 20, 30)),
        ("timestamp", "2026-03-01 10:20:30 UTC", datetime(2026, 3, 1, 10, 20, 30)),
        ("timestamp", "2026-03-01T24:00:00", REFUSED),
        ("timestamp", "2026-03-01T10:60:00", REFUSED),
        ("timestamp", "2026-13-01T10:00:00", REFUSED),
        ("timestamp", "1772366430", REFUSED),
        ("timestamp", "1754-08-30T22:43:41Z", REFUSED),
    ],
)
def test_text_becomes_exactly_its_value_or_is_refused(kind: str, text: str, value: Any) -> None:
    assert cast(kind, text) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2026-01-15 12:00:00", datetime(2026, 1, 15, 11)),
        ("2026-07-15 12:00:00", datetime(2026, 7, 15, 10)),
        ("2026-07-15", datetime(2026, 7, 14, 22)),
        ("2026-07-15 12:00:00Z", datetime(2026, 7, 15, 12)),
        ("2026-07-15 12:00:00-01:00", datetime(2026, 7, 15, 13)),
    ],
)
def test_times_without_an_offset_are_of_the_sources_zone(text: str, value: datetime) -> None:
    assert cast("timestamp", text, time_zone="Europe/Berlin") == value


@pytest.mark.parametrize(
    ("kind", "options", "text", "value"),
    [
        ("date", {"date_format": "%d-%m-%Y"}, "02-03-2026", date(2026, 3, 2)),
        ("date", {"date_format": "%m/%d/%Y"}, "3/2/2026", date(2026, 3, 2)),
        ("date", {"date_format": "%d-%m-%Y"}, "2026-03-02", REFUSED),
        ("date", {"date_format": "%d-%m-%Y"}, "31-02-2026", REFUSED),
        ("date", {"date_format": "%d-%m-%Y %H:%M"}, "02-03-2026 10:00", REFUSED),
        ("timestamp", {"timestamp_format": "%d-%m-%Y %H:%M"}, "02-03-2026 10:05", datetime(2026, 3, 2, 10, 5)),
        ("timestamp", {"timestamp_format": "%d-%m-%Y %H:%M"}, "2026-03-02 10:05", REFUSED),
        ("timestamp", {"timestamp_format": "%d-%m-%Y %H:%M"}, "02-03-2026 10:05 pm", REFUSED),
        ("timestamp", {"timestamp_format": "%d.%m.%Y %H:%M %z"}, "02.03.2026 10:05 +02:00", datetime(2026, 3, 2, 8, 5)),
        (
            "timestamp",
            {"timestamp_format": "%d-%m-%Y %H:%M", "time_zone": "America/Sao_Paulo"},
            "26-02-2018 19:58",
            datetime(2018, 2, 26, 22, 58),
        ),
    ],
)
def test_a_declared_format_is_the_only_one_read(kind: str, options: dict[str, Any], text: str, value: Any) -> None:
    assert cast(kind, text, **options) == value


def test_declared_null_values_are_null_in_every_column() -> None:
    assert cast("string", "N/A", null_values=("N/A",)) is None
    assert cast("decimal", " N/A ", null_values=("N/A",)) is None


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"delimiter": ";;"}, "one character"),
        ({"time_zone": "Mars/Olympus"}, "time zone 'Mars/Olympus' is not known"),
        ({"date_format": "DD-MM-YYYY"}, "not a strptime pattern"),
        ({"must_deliver": ("nothing",)}, "known: things"),
    ],
)
def test_options_that_cannot_be_used_are_refused(options: dict[str, Any], said: str) -> None:
    entity = Entity("things", (Column("value", "string"),), key=("value",))
    with pytest.raises(UsageError, match=said):
        check_options(WAREHOUSE, Source("s", "crm", (entity,), **options))
