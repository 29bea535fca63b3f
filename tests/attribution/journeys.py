"""Journeys written by hand for tests: the two relations that attribution reads, in a warehouse in memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pyarrow as pa

from pipeline.warehouse.on_duckdb import DuckDBWarehouse

CONVERTED_AT = datetime(2026, 3, 31, 12)
FLAGS = ("lead_creation", "mql", "sal", "sql", "opportunity_creation", "closing")

MONEY, MOMENT, TEXT = pa.decimal128(18, 4), pa.timestamp("us"), pa.string()

JOURNEY_TYPES: dict[str, pa.DataType] = {
    "journey_id": TEXT, "conversion_id": TEXT, "conversion_type": TEXT, "is_converted": pa.bool_(), "outcome": TEXT,
    "journey_grain": TEXT, "unit_id": TEXT, "account_id": TEXT, "person_id": TEXT, "opportunity_id": TEXT,
    "opportunity_status": TEXT, "opportunity_type": TEXT, "cycle_number": pa.int32(), "started_at": MOMENT,
    "ended_at": MOMENT, "converted_at": MOMENT, "reporting_date": pa.date32(), "amount": MONEY, "currency": TEXT,
    "minor_unit_digits": pa.int32(), "exchange_rate": pa.decimal128(18, 8), "exchange_rate_date": pa.date32(),
    "amount_reporting": MONEY, "reporting_currency": TEXT, "reporting_minor_unit_digits": pa.int32(),
    "touch_count": pa.int32(), "lead_created_at": MOMENT, "mql_at": MOMENT, "sal_at": MOMENT, "sql_at": MOMENT,
    "opportunity_created_at": MOMENT, "closed_at": MOMENT,
}  # fmt: skip
TOUCH_TYPES: dict[str, pa.DataType] = {
    "journey_id": TEXT, "conversion_id": TEXT, "conversion_type": TEXT, "is_converted": pa.bool_(),
    "converted_at": MOMENT, "amount": MONEY, "currency": TEXT, "account_id": TEXT, "touch_id": TEXT,
    "touched_at": MOMENT, "person_id": TEXT, "channel": TEXT, "campaign_id": TEXT, "content_name": TEXT,
    "source_system": TEXT, "touch_kind": TEXT, "is_offline": pa.bool_(), "is_direct": pa.bool_(),
    "is_marketing": pa.bool_(), "buying_role": TEXT, "touch_number": pa.int32(), "touch_count": pa.int32(),
    "days_before_conversion": pa.float64(), "is_first": pa.bool_(), "is_last": pa.bool_(),
    "is_last_non_direct": pa.bool_(), **{f"is_{flag}": pa.bool_() for flag in FLAGS}, "milestone_count": pa.int32(),
}  # fmt: skip


@dataclass(frozen=True)
class Touch:
    """A touch of a journey; `holds` are the milestones it holds, `days` how long before the conversion it was."""

    touch_id: str
    channel: str = "email"
    days: float = 1.0
    holds: Sequence[str] = ()
    person_id: str | None = None
    buying_role: str | None = None
    campaign_id: str | None = None


@dataclass(frozen=True)
class Journey:
    """A journey and its touches, in order."""

    unit_id: str
    touches: Sequence[Touch] = ()
    conversion_type: str = "won"
    is_converted: bool = True
    account_id: str = "acme"
    amount: Decimal | str | int | None = 100
    currency: str = "USD"
    minor_unit_digits: int = 2
    amount_reporting: Decimal | str | int | None = None
    opportunity_status: str | None = "won"
    converted_at: datetime = CONVERTED_AT
    more: Mapping[str, Any] = field(default_factory=dict)

    @property
    def conversion_id(self) -> str | None:
        return f"{self.conversion_type}:{self.unit_id}" if self.is_converted else None

    def but(self, **changes: Any) -> Journey:
        return replace(self, **changes)

    def row(self) -> dict[str, Any]:
        reporting = self.amount if self.amount_reporting is None else self.amount_reporting
        return {
            **dict.fromkeys(JOURNEY_TYPES),
            "journey_id": f"{self.conversion_type}:{self.unit_id}",
            "conversion_id": self.conversion_id,
            "conversion_type": self.conversion_type,
            "is_converted": self.is_converted,
            "unit_id": self.unit_id,
            "account_id": self.account_id,
            "opportunity_id": self.unit_id,
            "opportunity_status": self.opportunity_status,
            "converted_at": self.converted_at if self.is_converted else None,
            "reporting_date": self.converted_at.date(),
            "amount": None if self.amount is None else Decimal(self.amount),
            "currency": self.currency,
            "minor_unit_digits": self.minor_unit_digits,
            "amount_reporting": None if reporting is None else Decimal(reporting),
            "reporting_currency": "USD",
            "reporting_minor_unit_digits": 2,
            "touch_count": len(self.touches),
            **self.more,
        }

    def touch_rows(self) -> list[dict[str, Any]]:
        return [
            {
                **dict.fromkeys(TOUCH_TYPES),
                **{name: value for name, value in self.row().items() if name in TOUCH_TYPES},
                "touch_id": touch.touch_id,
                "touched_at": self.converted_at - timedelta(days=touch.days),
                "person_id": touch.person_id,
                "channel": touch.channel,
                "campaign_id": touch.campaign_id,
                "touch_kind": "session",
                "is_offline": False,
                "is_direct": touch.channel == "direct",
                "is_marketing": True,
                "buying_role": touch.buying_role,
                "touch_number": number,
                "days_before_conversion": touch.days,
                "is_first": number == 1,
                "is_last": number == len(self.touches),
                **{f"is_{flag}": flag in touch.holds for flag in FLAGS},
                "milestone_count": len(touch.holds),
            }
            for number, touch in enumerate(self.touches, 1)
        ]


def load(warehouse: DuckDBWarehouse, journeys: Sequence[Journey], shuffle: Any = None) -> None:
    """Replace the journeys in the warehouse; `shuffle(list)` reorders rows in place."""
    rows = [journey.row() for journey in journeys]
    touches = [row for journey in journeys for row in journey.touch_rows()]
    if shuffle is not None:
        shuffle(rows)
        shuffle(touches)
    warehouse.execute("create schema if not exists journeys")
    for table, types, data in (
        ("journeys.fct_journeys", JOURNEY_TYPES, rows),
        ("journeys.fct_journey_touches", TOUCH_TYPES, touches),
    ):
        warehouse.create_from_arrow(table, pa.Table.from_pylist(data, pa.schema(types)), temporary=False)


NIGHT = date(2026, 4, 1)


def night(number: int) -> date:
    """The business date of the `number`th night, from 1."""
    return NIGHT + timedelta(days=number - 1)
