"""Tiny hand-checkable worlds, written to raw and built once by dbt for all tests of this folder.

A test module declares `def world(w: World) -> None` and adds records to it; ids carry the module's
own prefix, so that the worlds of all modules live in one warehouse without meeting.
"""

import hashlib
import json
import random
from collections import defaultdict
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipeline import dbt
from pipeline.landing.tables import ensure_tables
from pipeline.progress import Progress
from pipeline.settings import business_rules
from pipeline.sources import all_sources
from pipeline.warehouse import Warehouse, open_warehouse
from tests import nights

BUSINESS_DATE = "2026-06-30"
#: The night of BUSINESS_DATE ends in New York at 04:00 UTC.
BUSINESS_END = "2026-07-01 03:59:59.999999"
RULES = {"business_date": BUSINESS_DATE, "time_zone": "America/New_York", "reporting_currency": "USD"}

Row = dict[str, Any]


class World:
    """Records as a CRM and touch sources deliver them. Times are UTC texts; ids are chosen by the test."""

    def __init__(self) -> None:
        self.records: dict[tuple[str, str], list[Row]] = defaultdict(list)

    def add(self, source: str, entity: str, **values: Any) -> None:
        self.records[source, entity].append(values)

    def _salesforce(self, entity: str, values: Row, **defaults: Any) -> str:
        record = {"created_date": "2025-01-01 12:00:00", "system_modstamp": "2026-06-01 00:00:00", **defaults, **values}
        versions = {column.name for column in all_sources()["salesforce"].entity(entity).columns}
        self.add("salesforce", entity, **{name: value for name, value in record.items() if name in versions})
        return str(record["id"])

    def account(self, id: str, **values: Any) -> str:
        return self._salesforce("accounts", {"id": id, **values}, name=f"Account {id}", is_deleted=False)

    def contact(self, id: str, account: str | None, **values: Any) -> str:
        return self._salesforce("contacts", {"id": id, "account_id": account, **values}, last_name=id)

    def lead(self, id: str, created: str, stages: dict[str, str] | None = None, **values: Any) -> str:
        """A lead created `Open`, and its later statuses with their times."""
        statuses = list((stages or {}).items())
        status = statuses[-1][0] if statuses else "Open"
        before = "Open"
        for number, (name, at) in enumerate(statuses):
            self._salesforce(
                "lead_history",
                {
                    "id": f"{id}_{number}",
                    "lead_id": id,
                    "field": "Status",
                    "old_value": before,
                    "new_value": name.split("#")[0],
                    "created_date": at,
                },
            )
            before = name.split("#")[0]
        return self._salesforce(
            "leads",
            {"id": id, "created_date": created, **values},
            last_name=id,
            status=status.split("#")[0],
            is_converted=False,
        )

    def opportunity(
        self, id: str, account: str | None, created: str, closed: str | None = None, won: bool = False, **values: Any
    ) -> str:
        """A deal; `closed` is its close date, without a history stamp of the close."""
        stage = "Discovery" if closed is None else "Closed Won" if won else "Closed Lost"
        return self._salesforce(
            "opportunities",
            {"id": id, "account_id": account, "created_date": created, **values},
            name=id,
            type="New Business",
            stage_name=stage,
            amount=1000,
            currency_iso_code="USD",
            close_date=closed or "2026-12-31",
            is_closed=closed is not None,
            is_won=won,
        )

    def stage(self, opportunity: str, stage_name: str, at: str) -> None:
        id = f"{opportunity}_{stage_name}_{at}"
        values = {"id": id, "opportunity_id": opportunity, "stage_name": stage_name, "created_date": at}
        self._salesforce("opportunity_history", values)

    def role(self, opportunity: str, contact: str, role: str, primary: bool = False) -> None:
        id = f"{opportunity}_{contact}"
        values = {"id": id, "opportunity_id": opportunity, "contact_id": contact, "role": role, "is_primary": primary}
        self._salesforce("opportunity_contact_roles", values)

    def campaign(self, id: str, type: str = "Webinar") -> str:
        return self._salesforce("campaigns", {"id": id, "name": f"Campaign {id}", "type": type})

    def response(self, id: str, campaign: str, on: str, *, lead: str | None = None, contact: str | None = None) -> None:
        self._salesforce(
            "campaign_members",
            {"id": id, "campaign_id": campaign, "lead_id": lead, "contact_id": contact, "first_responded_date": on},
            status="Responded",
            has_responded=True,
        )

    def meeting(self, id: str, who: str | None, at: str, **values: Any) -> None:
        self._salesforce(
            "events",
            {"id": id, "who_id": who, "start_date_time": at, **values},
            owner_id="U1",
            subject=id,
            type="Meeting",
            outcome_c="Held",
        )

    def session(self, id: str, visitor: str, at: str, **values: Any) -> None:
        self.add("web", "sessions", session_id=id, visitor_id=visitor, started_at=at, page_view_count=1, **values)

    def form(self, id: str, visitor: str, at: str, email: str, **values: Any) -> None:
        record = {"form_fill_id": id, "visitor_id": visitor, "submitted_at": at, "email": email, "form_name": "Demo"}
        self.add("web", "form_fills", **record, **values)

    def email_click(self, id: str, email: str, at: str, **values: Any) -> None:
        self.add("email", "events", event_id=id, occurred_at=at, email=email, **{"event_type": "clicked", **values})

    def ad_click(self, id: str, at: str, visitor: str | None = None, **values: Any) -> None:
        record = {"click_id": id, "clicked_at": at, "visitor_id": visitor, "platform": "google", "campaign_id": "AD1"}
        self.add("ads", "clicks", **{"ad_type": "search_non_brand", **record, **values})

    def attendance(self, id: str, event: str, email: str | None, on: str, **values: Any) -> None:
        record = {"attendance_id": id, "event_id": event, "email": email, "attended_on": on}
        self.add(
            "offline", "attendances", attendance_type="badge_scan", updated_at=f"{on} 23:00:00", **record, **values
        )

    def event(self, id: str, on: str, campaign: str | None = None, event_type: str = "trade_show") -> None:
        record = {"event_id": id, "event_name": id, "event_type": event_type, "starts_on": on, "campaign_id": campaign}
        self.add("offline", "events", updated_at=f"{on} 23:00:00", **record)

    def rate(self, on: str, currency: str, rate: float) -> None:
        record = {"rate_date": on, "currency": currency, "reporting_currency": "USD", "rate": rate}
        self.add("finance", "exchange_rates", **record)

    def write(self, warehouse: Warehouse, shuffle: int | None = None) -> None:
        """Write every record to its raw table, in a shuffled order where a seed is given."""
        for source in all_sources().values():
            ensure_tables(warehouse, source)
        for (source, entity), records in self.records.items():
            known = {column.name for column in all_sources()[source].entity(entity).columns}
            rows = [_landed(record, known) for record in records]
            if shuffle is not None:
                random.Random(shuffle).shuffle(rows)
            for number, row in enumerate(rows):
                row["_line_number"] = number + 2
                names = ", ".join(f'"{name}"' for name in row)
                marks = ", ".join("?" for _ in row)
                warehouse.execute(f"INSERT INTO raw.{source}__{entity} ({names}) VALUES ({marks})", list(row.values()))


def _landed(record: Row, known: set[str]) -> Row:
    unknown = set(record) - known
    assert not unknown, f"not in the contract: {unknown}"
    row_hash = hashlib.sha256(json.dumps(record, sort_keys=True, default=str).encode()).hexdigest()
    return {
        **record,
        "_file_id": "file",
        "_row_hash": row_hash,
        "_delivery_date": BUSINESS_DATE,
        "_effective_date": BUSINESS_DATE,
    }


class Built:
    """A warehouse that dbt has built the journeys of."""

    def __init__(self, home: Path, world: World, shuffle: int | None = None, **rules: Any) -> None:
        self.settings = nights.settings(home)
        self.rules = RULES | rules
        self.results: dict[str, str] = {}
        with open_warehouse(self.settings) as warehouse:
            world.write(warehouse, shuffle)

    def build(self, *arguments: str, **rules: Any) -> list[Row]:
        self.rules = self.rules | rules
        return dbt.run(self.settings, business_rules(self.settings, self.rules), arguments, Progress())

    def query(self, sql: str, *parameters: Any) -> list[Row]:
        """The rows of a query, as dictionaries."""
        with duckdb.connect(str(self.settings.warehouse), read_only=True) as connection:
            connection.execute("SET TimeZone = 'UTC'")
            result = connection.execute(sql, parameters)
            names = [column[0] for column in result.description]
            return [dict(zip(names, row, strict=True)) for row in result.fetchall()]

    def one(self, sql: str, *parameters: Any) -> Row:
        rows = self.query(sql, *parameters)
        assert len(rows) == 1, rows
        return rows[0]

    def journey(self, journey_id: str) -> Row:
        return self.one("SELECT * FROM journeys.fct_journeys WHERE journey_id = ?", journey_id)

    def touches(self, journey_id: str) -> list[str]:
        """The native ids of a journey's touches, in order."""
        rows = self.query(
            "SELECT touch_id FROM journeys.fct_journey_touches WHERE journey_id = ? ORDER BY touch_number", journey_id
        )
        return [row["touch_id"].split(":", 2)[2] for row in rows]

    def flagged(self, journey_id: str, flag: str) -> list[str]:
        """The native ids of a journey's touches that hold a position."""
        rows = self.query(
            f"SELECT touch_id FROM journeys.fct_journey_touches WHERE journey_id = ? AND {flag}", journey_id
        )
        return [row["touch_id"].split(":", 2)[2] for row in rows]


@pytest.fixture(scope="session")
def world(request: pytest.FixtureRequest) -> World:
    """The worlds of all collected modules of this folder."""
    here = Path(__file__).parent
    modules = {item.module for item in request.session.items if item.path.parent == here}
    everything = World()
    for module in sorted(modules, key=lambda module: module.__name__):
        if hasattr(module, "world"):
            module.world(everything)
    return everything


@pytest.fixture(scope="session")
def built(world: World, tmp_path_factory: pytest.TempPathFactory) -> Built:
    """Every world, built with the project's own rules, its dbt tests, and the examples beside the models."""
    built = Built(tmp_path_factory.mktemp("journeys"), world)
    folders = [f"path:models/{name}" for name in ("staging", "touchpoints", "intermediate", "journeys")]
    # Seeds are those of the first night, which tests them; and the examples of staging are run where CRMs are mapped.
    tested = ["path:seeds,resource_type:test", "path:models/staging,test_type:unit"]
    selection = ["--select", "path:seeds", *folders, "--indirect-selection", "cautious", "--exclude", *tested]
    built.results = {row["unique_id"]: row["status"] for row in built.build("build", *selection)}
    return built
