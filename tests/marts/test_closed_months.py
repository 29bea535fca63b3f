"""A closed month keeps the figures it was closed with; what changes in it later is an adjustment beside them.

The small company won one deal of 1,000, in March 2026; it was created in February.
"""

from decimal import Decimal

import pytest

from pipeline.warehouse.base import Warehouse
from tests.marts.conftest import Later

FEBRUARY, MARCH, APRIL = "2026-02-01", "2026-03-01", "2026-04-01"


def entries(company: Later, figure: str, channel: str = "all") -> dict[tuple[str, str], int]:
    """(month, entry type) → value, of the model `linear` where a channel is asked for."""
    rows = company.rows(
        f"""select cast(month_start as varchar), entry_type, value from marts.mart_monthly_figures
            where figure = '{figure}' and channel = '{channel}' and model_name in ('all', 'linear')"""
    )
    return {(month, entry): int(value) for month, entry, value in rows}


def test_nothing_is_locked_where_no_period_is_closed(marts: Warehouse) -> None:
    assert marts.rows("select distinct entry_type, locked_on from marts.mart_monthly_figures") == [("open", None)]
    assert marts.value("select count(*) from history.closed_figures") == 0


@pytest.mark.slow
def test_a_closed_month_keeps_its_figure_and_gains_an_adjustment(july: Later) -> None:
    assert entries(july, "revenue_won") == {
        **{(f"2026-{month:02}-01", "closed"): 0 for month in (1, 2)},
        (MARCH, "closed"): 1000,
        (MARCH, "adjustment"): 250,  # 200 more for O1, 50 for O9
        (APRIL, "open"): 70,  # the day after the last closed one
    } | {key: 0 for key in entries(july, "revenue_won") if key[0] < "2026-01-01"}
    assert entries(july, "win_count")[MARCH, "adjustment"] == 1


@pytest.mark.slow
def test_credit_that_moves_to_another_channel_moves_by_adjustments(july: Later) -> None:
    taken = july.rows(
        """select entry_type, sum(value) from marts.mart_monthly_figures
           where figure = 'credited_revenue' and model_name = 'linear' and channel <> 'email' group by 1"""
    )
    assert dict(taken) == {"closed": Decimal(1000), "adjustment": Decimal(-1000)}
    assert entries(july, "credited_revenue", "email") == {(MARCH, "adjustment"): 1000}


@pytest.mark.slow
def test_locked_figures_and_adjustments_are_what_is_known_now(july: Later) -> None:
    """Law: entries of a figure add up to the figure, for every figure, month, model and channel."""
    key = "figure, month_start, model_name, channel"
    entries = f"select {key}, sum(value) as value from marts.mart_monthly_figures group by {key} having sum(value) <> 0"
    known = f"select {key}, value from intermediate.int_monthly_figures where value <> 0"
    assert july.rows(f"select count(*) from ({known})")[0][0] > 10
    assert july.rows(f"({entries}) except ({known}) union all (({known}) except ({entries}))") == []


@pytest.mark.slow
def test_a_lock_is_written_once(july: Later, june_again: Later) -> None:
    """Neither the same night again, once a later one is there, nor another period that is closed rewrites it."""
    locked = "select * from history.closed_figures where month_start <= date '2026-03-01' order by all"
    assert july.rows(locked)
    assert june_again.rows(locked) == july.rows(locked)
    assert entries(june_again, "revenue_won")[APRIL, "closed"] == 70
