"""A company small enough to check by hand, and its marts, built once for all tests here.

`world/<schema>.<table>.csv` holds the rows that the marts read. A header is a column's name, or `name type` for a
column that is not text; the ledger and what landing writes take their types from the pipeline itself.
"""

import csv
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline import dbt
from pipeline.attribution import calibration, ledger, model_fits
from pipeline.landing.tables import ensure_tables
from pipeline.progress import Progress
from pipeline.settings import PROJECT_DIR, Settings, business_rules
from pipeline.sources import all_sources
from pipeline.warehouse import open_warehouse
from pipeline.warehouse.base import Warehouse
from tests import nights

WORLD = Path(__file__).parent / "world"
MARTS = PROJECT_DIR / "dbt_project" / "models" / "marts"
#: A file that a recipe shows: its path, its text.
RECIPE_FILE = re.compile(r"^```\w+ (\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
RULES = {
    "business_date": "2026-06-30",
    "enabled_models": "all",
    "fiscal_year_start_month": 2,
    "customer_attribution_model": "linear",
    "assumed_gross_margin_share": 0.8,
    "cac_lag_days": 60,
    "company_industry": "saas",
}
#: What nights freeze and close, and nothing that would build edited deals again.
FREEZING = ("path:models/marts/history", "int_monthly_figures", "mart_monthly_figures")
#: Where the company's few conversions are enough, in `asked_readiness`.
ENOUGH = {
    "least_conversions": 1,
    "most_single_touch_share": 0.6,
    "data_driven_conversions": 1,
    "data_driven_not_converted": 2,
    "data_driven_conversions_per_channel": 0.5,
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


#: A query of the test that reads it; the name of a model → its text.
ASKED = {
    "asked_credits_as_of": " union all ".join(
        f"select '{asked}' as asked, sum(credited_amount) as amount from ({{{{ credits_as_of({which}) }}}}) as credits"
        for asked, which in {
            "run 1": "run_number=1",
            "2026-06-29": "business_date='2026-06-29'",
            "2026-07-15": "business_date='2026-07-15'",
        }.items()
    ),
    "asked_readiness": (MARTS / "attribution" / "mart_attribution_readiness.sql")
    .read_text()
    .replace('var("attribution_readiness")', f'dict(var("attribution_readiness"), **{ENOUGH})')
    .replace("{{ contract_columns() }}", "*"),
}


class SmallCompany:
    """The project, with the recipe's KPI and the queries of tests in it, and the warehouse that it was built in."""

    def __init__(self, folder: Path) -> None:
        project = folder / "dbt_project"
        shutil.copytree(PROJECT_DIR / "dbt_project", project, ignore=shutil.ignore_patterns("target", "logs"))
        written = RECIPE_FILE.findall((PROJECT_DIR / "docs" / "cookbook" / "add_a_kpi.md").read_text())
        assert len(written) == 2
        for path, text in written:
            (folder / path).write_text(text)
        for name, query in ASKED.items():
            (project / "models" / "marts" / f"{name}.sql").write_text(query)
        self.settings = nights.settings(folder, dbt_project=project)
        with open_warehouse(self.settings) as warehouse:
            load(warehouse, WORLD)
        # As a night builds them, and the examples beside them.
        selection = ["--select", "path:models/marts", "--indirect-selection", "eager"]
        self.results = {
            result["unique_id"]: result["status"]
            for result in dbt.run(
                self.settings, business_rules(self.settings, RULES), ["build", *selection], Progress()
            )
        }


@pytest.fixture(scope="session")
def small_company(tmp_path_factory: pytest.TempPathFactory) -> SmallCompany:
    return SmallCompany(tmp_path_factory.mktemp("marts"))


@pytest.fixture(scope="session")
def settings(small_company: SmallCompany) -> Settings:
    return small_company.settings


@pytest.fixture(scope="session")
def marts(settings: Settings) -> Iterator[Warehouse]:
    """The warehouse of the small company, to read."""
    with open_warehouse(settings, read_only=True) as warehouse:
        yield warehouse


class Later:
    """A copy of the small company, in which deals are edited and later nights freeze and close what they find."""

    def __init__(self, home: Path, settings: Settings) -> None:
        shutil.copy(settings.warehouse, home / settings.warehouse.name)
        self.settings = nights.settings(home, dbt_project=settings.dbt_project)

    def edit(self, *statements: str) -> None:
        with open_warehouse(self.settings) as warehouse:
            for statement in statements:
                warehouse.execute(statement)

    def night(self, date: str, closed_through: str) -> None:
        rules = business_rules(self.settings, RULES | {"business_date": date, "closed_through": closed_through})
        arguments = ["build", "--select", *FREEZING, "--exclude-resource-type", "unit_test"]
        dbt.run(self.settings, rules, arguments, Progress())

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        with open_warehouse(self.settings, read_only=True) as warehouse:
            return warehouse.rows(sql)


def late_deal(opportunity_id: str, amount: int, close_date: str) -> str:
    """A statement that adds a deal won on that day."""
    return f"""insert into marts.fct_opportunities by name (
        select * replace ('{opportunity_id}' as opportunity_id, {amount} as amount_reporting,
            date '{close_date}' as close_date)
        from marts.fct_opportunities where opportunity_id = 'O1')"""


def open_deal_of(amount: int) -> str:
    """A statement that gives the open deal another amount."""
    return f"update marts.fct_opportunities set amount = {amount} where opportunity_id = 'O2'"


def qualified_leads_are(stage: str) -> str:
    """A statement that gives the CRM's lead status another meaning."""
    return f"update seeds.lead_status_stages set stage = '{stage}'"


@pytest.fixture(scope="session")
def july(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Later:
    """March closed at the end of June; in July deals were corrected, a deal turns up in March, another in April."""
    company = Later(tmp_path_factory.mktemp("july"), settings)
    company.night("2026-06-30", closed_through="2026-03-31")
    company.edit(
        "update marts.fct_opportunities set amount_reporting = 1200 where opportunity_id = 'O1'",
        open_deal_of(600),
        late_deal("O9", 50, "2026-03-31"),
        late_deal("O8", 70, "2026-04-01"),
        "update marts.fct_credits set channel = 'email' where conversion_type = 'won' and model_name = 'linear'",
    )
    company.night("2026-07-01", closed_through="2026-03-31")
    return company


@pytest.fixture(scope="session")
def june_again(july: Later, tmp_path_factory: pytest.TempPathFactory) -> Later:
    """July's night again over another amount and meaning of a status, then June's, which closes April too."""
    company = Later(tmp_path_factory.mktemp("june_again"), july.settings)
    company.edit(open_deal_of(700), qualified_leads_are("sal"))
    company.night("2026-07-01", closed_through="2026-03-31")
    company.edit(open_deal_of(800), qualified_leads_are("mql"))
    company.night("2026-06-30", closed_through="2026-04-30")
    return company
