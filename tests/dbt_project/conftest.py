"""A warehouse with every source enabled and a handful of records, mapped by dbt once."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline import dbt
from pipeline.landing.tables import ensure_tables
from pipeline.progress import Progress
from pipeline.settings import business_rules
from pipeline.sources import all_sources
from pipeline.warehouse import Warehouse, open_warehouse
from tests import nights

LEADS = [
    {"mql_id": "m1", "first_contact_date": "2018-02-01", "landing_page_id": "p1", "origin": "paid_search"},
    {"mql_id": "m2", "first_contact_date": "2018-02-01", "landing_page_id": "p1", "origin": None},
    {"mql_id": "m3", "first_contact_date": "2018-02-01", "landing_page_id": "p1", "origin": "unknown"},
    {"mql_id": "m4", "first_contact_date": "2018-02-10", "landing_page_id": "p2", "origin": "social"},
    {"mql_id": "m5", "first_contact_date": "2018-02-10", "landing_page_id": "p2", "origin": "skywriting"},
]
DEALS = [
    {"mql_id": "m1", "seller_id": "s1", "sdr_id": "u1", "sr_id": "u2", "won_date": "2018-03-01 12:00:00"},
    {"mql_id": "m2", "seller_id": "s2", "sdr_id": "u2", "sr_id": "u2", "won_date": "2018-02-01 15:00:00"},
    {"mql_id": "m4", "seller_id": "s4", "sdr_id": "u1", "sr_id": "u3", "won_date": "2018-02-08 15:00:00"},
]
ACCOUNTS = [
    {"id": "a1", "name": "Old name", "website": "https://www.a1.example", "system_modstamp": "2018-01-02 00:00:00"},
    {"id": "a1", "name": "New name", "website": "https://www.a1.example", "system_modstamp": "2018-01-03 00:00:00"},
    {"id": "a2", "name": "Gone", "system_modstamp": "2018-01-02 00:00:00", "is_deleted": True},
    {
        "id": "a3",
        "name": "Merged",
        "system_modstamp": "2018-01-02 00:00:00",
        "is_deleted": True,
        "master_record_id": "a1",
    },
    {"id": "a4", "name": "Tomorrow's", "system_modstamp": "2018-01-02 00:00:00", "_effective_date": "2019-01-01"},
]
RECORDS: dict[tuple[str, str], list[dict[str, Any]]] = {
    ("olist", "marketing_qualified_leads"): LEADS,
    ("olist", "closed_deals"): [{"declared_monthly_revenue": 0, **deal} for deal in DEALS],
    ("salesforce", "accounts"): [{"created_date": "2018-01-01 00:00:00", **account} for account in ACCOUNTS],
}


class Mapped:
    """A warehouse whose staging, touchpoints and canonical shapes are built, with the examples beside them."""

    def __init__(self, home: Path) -> None:
        self.settings = nights.settings(home)
        rules = business_rules(
            self.settings,
            {"business_date": "2018-12-31", "enabled_sources": sorted(all_sources()), "time_zone": "UTC"},
        )
        with open_warehouse(self.settings) as warehouse:
            for source in all_sources().values():
                ensure_tables(warehouse, source)
            for (source_name, entity), records in RECORDS.items():
                for record in records:
                    insert(warehouse, f"raw.{source_name}__{entity}", record)
        selection = ["path:seeds", "path:models/staging", "path:models/touchpoints", "path:models/intermediate/crm"]
        # Seeds, and sources that deliver nothing here, are tested by the first night.
        silent = sorted(set(all_sources()) - {source for source, _ in RECORDS})
        untested = ["path:seeds", *(f"path:models/staging/{source}" for source in silent)]
        arguments = ["--select", *selection, "--indirect-selection", "cautious"]
        excluded = ["--exclude", *(f"{folder},test_type:data" for folder in untested)]
        results = dbt.run(self.settings, rules, ["build", *arguments, *excluded], Progress())
        self.results = {result["unique_id"]: result["status"] for result in results}


@pytest.fixture(scope="session")
def mapped(tmp_path_factory: pytest.TempPathFactory) -> Mapped:
    return Mapped(tmp_path_factory.mktemp("mapped"))


@pytest.fixture(scope="session")
def warehouse(mapped: Mapped) -> Iterator[Warehouse]:
    """The built warehouse, to read."""
    with open_warehouse(mapped.settings, read_only=True) as opened:
        yield opened


def insert(warehouse: Warehouse, table: str, record: dict[str, Any]) -> None:
    """Append a record as landing would."""
    digest = hashlib.sha256(json.dumps(record, sort_keys=True).encode()).hexdigest()
    landed = {"_row_hash": digest, "_effective_date": "2018-12-01", "_file_id": "f", "_line_number": 2, **record}
    places = ", ".join("?" for _ in landed)
    warehouse.execute(f"INSERT INTO {table} ({', '.join(landed)}) VALUES ({places})", list(landed.values()))
