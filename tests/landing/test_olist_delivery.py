"""The real funnel of a marketplace through the door in: clean files, and copies a spreadsheet re-saved."""

from datetime import date
from pathlib import Path

import pytest

from pipeline.errors import DeliveryError
from pipeline.settings import PROJECT_DIR
from pipeline.sources import all_sources
from tests.deliveries import Landing

DATA = PROJECT_DIR.parent / "shared" / "data" / "olist_funnel"
OLIST = all_sources()["olist"]
NIGHT = date(2018, 12, 1)

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason=f"the Olist funnel is not at {DATA}")


def deliver(tmp_path: Path, **files: str) -> Landing:
    landing = Landing(tmp_path, OLIST)
    for entity, name in files.items():
        landing.put(Path(name).name, (DATA / name).read_bytes(), NIGHT, entity)
    return landing


def clean(tmp_path: Path) -> Landing:
    landing = deliver(
        tmp_path,
        marketing_qualified_leads="olist_marketing_qualified_leads_dataset.csv",
        closed_deals="olist_closed_deals_dataset.csv",
        sellers="olist_sellers_dataset.csv",
    )
    landing.run(NIGHT)
    return landing


def test_every_real_record_is_loaded(tmp_path: Path) -> None:
    landing = clean(tmp_path)
    counts = {e.name: landing.warehouse.value(f"SELECT count(*) FROM raw.olist__{e.name}") for e in OLIST.entities}
    assert counts == {"marketing_qualified_leads": 8000, "closed_deals": 842, "sellers": 3095}
    assert landing.quarantined() == []
    cities = landing.rows("seller_city", "sellers")
    assert all(city and city.strip('"') == city for city in cities)


@pytest.mark.parametrize(
    ("name", "options", "unit"),
    [
        ("closed_deals_ddmmyyyy_crlf.csv", {"timestamp_format": "%d-%m-%Y %H:%M"}, "minute"),
        ("closed_deals_us_dates_9_columns.csv", {"timestamp_format": "%m/%d/%Y %H:%M"}, "minute"),
        ("mql_ddmmyyyy_crlf.csv", {"date_format": "%d-%m-%Y"}, "day"),
    ],
)
def test_resaved_copies_are_read_right_by_their_declared_format(
    tmp_path: Path, name: str, options: dict[str, str], unit: str
) -> None:
    entity, column = (
        ("closed_deals", "won_date") if "deals" in name else ("marketing_qualified_leads", "first_contact_date")
    )
    query = f"mql_id, date_trunc('{unit}', {column})"
    expected = clean(tmp_path / "clean").rows(query, entity, "mql_id")
    landing = deliver(tmp_path / "dirty", **{entity: f"dirty/{name}"})
    landing.run(NIGHT, OLIST.with_options(options))
    loaded = landing.rows(query, entity, "mql_id")
    refused = landing.quarantined("line_number, column_name, rule")
    assert len(loaded) + len(refused) == len(expected)
    assert set(loaded) <= set(expected)
    assert refused == []


@pytest.mark.parametrize(
    ("entity", "name", "column"),
    [
        ("closed_deals", "closed_deals_ddmmyyyy_crlf.csv", "won_date"),
        ("closed_deals", "closed_deals_us_dates_9_columns.csv", "won_date"),
        ("marketing_qualified_leads", "mql_ddmmyyyy_crlf.csv", "first_contact_date"),
    ],
)
def test_resaved_copies_are_quarantined_with_the_reason_when_no_format_is_declared(
    tmp_path: Path, entity: str, name: str, column: str
) -> None:
    landing = deliver(tmp_path, **{entity: f"dirty/{name}"})
    with pytest.raises(DeliveryError, match=rf"(?s)type of {column}.*{name} line 2.*date_format"):
        landing.run(NIGHT)
    assert landing.rows("mql_id", entity) == []
    assert {row[0] for row in landing.quarantined("column_name || ' ' || rule")} == {f"{column} type"}
