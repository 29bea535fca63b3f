"""A closed month keeps the figures it was closed with; what changes in it later is an adjustment beside them.

The small company won one deal of 1,000, in March 2026; it was created in February.
"""

import shutil
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from pipeline import dbt
from pipeline.progress import Progress
from pipeline.settings import Settings, business_rules
from pipeline.warehouse import open_warehouse
from pipeline.warehouse.base import Warehouse
from tests import nights
from tests.marts.conftest import RULES

SELECTED = ["pipeline_snapshots", "int_monthly_figures", "closed_figures", "mart_monthly_figures"]
FEBRUARY, MARCH, APRIL = "2026-02-01", "2026-03-01", "2026-04-01"


class Company:
    """A copy of the small company, in which deals are edited and the next night's closing is run."""

    def __init__(self, home: Path, settings: Settings) -> None:
        shutil.copy(settings.warehouse, home / settings.warehouse.name)
        self.settings = nights.settings(home)

    def edit(self, *statements: str) -> None:
        with open_warehouse(self.settings) as warehouse:
            for statement in statements:
                warehouse.execute(statement)

    def night(self, date: str, closed_through: str | None) -> None:
        rules = business_rules(self.settings, RULES | {"business_date": date, "closed_through": closed_through})
        arguments = ["build", "--select", *SELECTED, "--exclude-resource-type", "unit_test"]
        dbt.run(self.settings, rules, arguments, Progress())

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        with open_warehouse(self.settings, read_only=True) as warehouse:
            return warehouse.rows(sql)

    def entries(self, figure: str, channel: str = "all") -> dict[tuple[str, str], int]:
        """(month, entry type) → value, of the model `linear` where a channel is asked for."""
        rows = self.rows(
            f"""select cast(month_start as varchar), entry_type, value from marts.mart_monthly_figures
                where figure = '{figure}' and channel = '{channel}' and model_name in ('all', 'linear')"""
        )
        return {(month, entry): int(value) for month, entry, value in rows}


def late_deal(opportunity_id: str, amount: int, close_date: str) -> str:
    """A statement that adds a deal won on that day."""
    return f"""insert into marts.fct_opportunities by name (
        select * replace ('{opportunity_id}' as opportunity_id, {amount} as amount_reporting,
            date '{close_date}' as close_date)
        from marts.fct_opportunities where opportunity_id = 'O1')"""


@pytest.fixture(scope="module")
def company(settings: Settings, marts: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Company:
    """March closed at the end of June; in July a deal was corrected, a deal turns up in March, another in April."""
    company = Company(tmp_path_factory.mktemp("closed"), settings)
    company.night("2026-06-30", closed_through="2026-03-31")
    company.edit(
        "update marts.fct_opportunities set amount_reporting = 1200 where opportunity_id = 'O1'",
        late_deal("O9", 50, "2026-03-31"),
        late_deal("O8", 70, "2026-04-01"),
        "update marts.fct_credits set channel = 'email' where conversion_type = 'won' and model_name = 'linear'",
    )
    company.night("2026-07-01", closed_through="2026-03-31")
    return company


def test_nothing_is_locked_where_no_period_is_closed(marts: Warehouse) -> None:
    assert marts.rows("select distinct entry_type, locked_on from marts.mart_monthly_figures") == [("open", None)]
    assert marts.value("select count(*) from history.closed_figures") == 0


@pytest.mark.slow
def test_a_closed_month_keeps_its_figure_and_gains_an_adjustment(company: Company) -> None:
    assert company.entries("revenue_won") == {
        **{(f"2026-{month:02}-01", "closed"): 0 for month in (1, 2)},
        (MARCH, "closed"): 1000,
        (MARCH, "adjustment"): 250,  # 200 more for O1, 50 for O9
        (APRIL, "open"): 70,  # the day after the last closed one
    } | {key: 0 for key in company.entries("revenue_won") if key[0] < "2026-01-01"}
    assert company.entries("win_count")[MARCH, "adjustment"] == 1


@pytest.mark.slow
def test_credit_that_moves_to_another_channel_moves_by_adjustments(company: Company) -> None:
    taken = company.rows(
        """select entry_type, sum(value) from marts.mart_monthly_figures
           where figure = 'credited_revenue' and model_name = 'linear' and channel <> 'email' group by 1"""
    )
    assert dict(taken) == {"closed": Decimal(1000), "adjustment": Decimal(-1000)}
    assert company.entries("credited_revenue", "email") == {(MARCH, "adjustment"): 1000}


@pytest.mark.slow
def test_locked_figures_and_adjustments_are_what_is_known_now(company: Company) -> None:
    """Law: entries of a figure add up to the figure, for every figure, month, model and channel."""
    key = "figure, month_start, model_name, channel"
    entries = f"select {key}, sum(value) as value from marts.mart_monthly_figures group by {key} having sum(value) <> 0"
    known = f"select {key}, value from intermediate.int_monthly_figures where value <> 0"
    assert company.rows(f"select count(*) from ({known})")[0][0] > 10
    assert company.rows(f"({entries}) except ({known}) union all (({known}) except ({entries}))") == []


@pytest.mark.slow
def test_a_lock_is_written_once(company: Company) -> None:
    """Neither the same night again, once a later one is there, nor another period that is closed rewrites it."""
    locked = "select * from history.closed_figures where month_start <= date '2026-03-01' order by all"
    before = company.rows(locked)
    assert before
    company.night("2026-06-30", closed_through="2026-04-30")
    assert company.rows(locked) == before
    assert company.entries("revenue_won")[APRIL, "closed"] == 70
