"""A company small enough to check by hand, and its marts, built once for all tests here.

`world/<schema>.<table>.csv` holds the rows that the marts read. A header is a column's name, or `name type` for a
column that is not text; the ledger and what landing writes take their types from the pipeline itself.
"""

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline import dbt
from pipeline.attribution import calibration, ledger, model_fits
from pipeline.landing.tables import ensure_tables
from pipeline.progress import Progress
from pipeline.settings import Settings, business_rules
from pipeline.sources import all_sources
from pipeline.warehouse import open_warehouse
from pipeline.warehouse.base import Warehouse
from tests import nights

WORLD = Path(__file__).parent / "world"
RULES = {
    "business_date": "2026-06-30",
    "enabled_models": "all",
    "fiscal_year_start_month": 2,
    "customer_attribution_model": "linear",
    "assumed_gross_margin_share": 0.8,
    "cac_lag_days": 60,
    "company_industry": "saas",
}


def load(warehouse: Warehouse, folder: Path) -> None:
    """Make every table of a world, in the shapes that the pipeline gives them."""
    ensure_tables(warehouse, all_sources()["ads"])
    ledger.prepare(warehouse)
    calibration.prepare(warehouse)
    model_fits.prepare(warehouse)
    for path in sorted(folder.glob("*.csv")):
        with path.open(newline="") as file:
            header, *rows = csv.reader(file)
        columns = [column.partition(" ")[::2] for column in header]
        schema = path.stem.partition(".")[0]
        warehouse.execute(f"create schema if not exists {schema}")
        if not warehouse.exists(path.stem):
            listed = ", ".join(f"{name} {kind or 'varchar'}" for name, kind in columns)
            warehouse.execute(f"create table {path.stem} ({listed})")
        names = ", ".join(name for name, _ in columns)
        marks = ", ".join("nullif(?, '')" for _ in columns)
        for row in rows:
            warehouse.execute(f"insert into {path.stem} ({names}) select {marks}", row)


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A warehouse of the small company with its marts built by the selector that a night uses."""
    settings = nights.settings(tmp_path_factory.mktemp("marts"))
    with open_warehouse(settings) as warehouse:
        load(warehouse, WORLD)
    dbt.build(settings, business_rules(settings, RULES), "marts", Progress())
    return settings


@pytest.fixture(scope="session")
def as_of_query(settings: Settings) -> str:
    """The ledger's totals as of a run, of its night, and of a later day, as dbt compiles macro `credits_as_of`."""
    asked = {
        "run 1": "run_number=1",
        "2026-06-29": "business_date='2026-06-29'",
        "2026-07-15": "business_date='2026-07-15'",
    }
    query = " union all ".join(
        f"select '{name}' as asked, sum(credited_amount) as amount from ({{{{ credits_as_of({which}) }}}}) as credits"
        for name, which in asked.items()
    )
    (result,) = dbt.run(settings, business_rules(settings, RULES), ["compile", "--inline", query], Progress())
    return result["compiled_code"]


@pytest.fixture(scope="session")
def readiness_query(settings: Settings) -> str:
    """`mart_attribution_readiness` as dbt compiles it where the company's few conversions are enough."""
    limits = {
        "least_conversions": 1,
        "most_single_touch_share": 0.6,
        "data_driven_conversions": 1,
        "data_driven_not_converted": 2,
        "data_driven_conversions_per_channel": 0.5,
    }
    rules = business_rules(settings, {**RULES, "attribution_readiness": limits})
    results = dbt.run(settings, rules, ["compile", "--select", "mart_attribution_readiness"], Progress())
    return next(one["compiled_code"] for one in results if one["unique_id"].startswith("model."))


@pytest.fixture(scope="session")
def marts(settings: Settings, as_of_query: str, readiness_query: str) -> Iterator[Warehouse]:
    """The warehouse after dbt is done with it, to read."""
    with open_warehouse(settings, read_only=True) as warehouse:
        yield warehouse
