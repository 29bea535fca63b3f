"""What a person reads: an explanation, and past credits."""

from __future__ import annotations

import csv
from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from rich.console import Console

from pipeline.attribution import attribute_warehouse, explain, render, show_credits_as_of
from pipeline.errors import UsageError
from pipeline.warehouse.on_duckdb import DuckDBWarehouse
from tests.attribution.journeys import Journey, Touch, load, night

RULES = {"enabled_models": ["w_shaped", "first_touch"]}
DEAL = Journey(
    "deal",
    [Touch("a", "email [bold]", 9), Touch("m", "paid", 5), Touch("c", "sales_meeting", 1, ["opportunity_creation"])],
)


@pytest.fixture
def told(warehouse: DuckDBWarehouse) -> DuckDBWarehouse:
    for number, journeys in enumerate([[DEAL], [DEAL.but(amount="50.00"), Journey("silent", amount=None)]], 1):
        load(warehouse, journeys)
        attribute_warehouse(warehouse, RULES, night(number), f"night {number}")
    return warehouse


def printed(show: Callable[..., None], *arguments: object) -> str:
    console = Console(width=160, record=True, file=StringIO())
    show(*arguments, console)
    return console.export_text()


def test_an_explanation_shows_touches_weights_and_history(told: DuckDBWarehouse):
    text = printed(render, explain(told, "won:deal"))
    for said in (
        "won:deal", "account acme", "50.00 USD", "email [bold]", "lead_creation carried, opportunity_creation",
        "60.00%", "carry_forward", "amount_edit", "100.00 USD → 50.00 USD", "2: first_touch, w_shaped",
    ):  # fmt: skip
        assert said in text, said


def test_an_amount_is_said_in_its_currency_and_to_its_smallest_unit(told: DuckDBWarehouse):
    load(told, [DEAL.but(amount="1234.567", currency="KWD")])
    attribute_warehouse(told, RULES, night(3), "night 3")
    assert "50.00 USD → 1,234.567 KWD" in printed(render, explain(told, "won:deal"))


def test_models_that_were_switched_off_are_told_apart_from_those_that_changed(told: DuckDBWarehouse):
    load(told, [DEAL.but(touches=DEAL.touches[1:], amount="50.00")])
    attribute_warehouse(told, {"enabled_models": ["w_shaped"], "lookback_days": {"won": 6}}, night(3), "night 3")
    changes = explain(told, "won:deal").changes[-2:]
    assert [(change.touches, change.models) for change in changes] == [
        ((3, None), ["first_touch"]),
        ((3, 2), ["w_shaped"]),
    ]


def test_an_explanation_of_a_conversion_without_touches(told: DuckDBWarehouse):
    text = printed(render, explain(told, "won:silent"))
    assert "unattributed" in text
    assert "no_touches" in text
    assert "no amount" in text
    assert "Its credit has not moved since it was first given." in text


def test_an_explanation_of_what_is_gone(told: DuckDBWarehouse):
    load(told, [])
    attribute_warehouse(told, RULES, night(3), "night 3")
    text = printed(render, explain(told, "won:deal"))
    assert "It is no longer a conversion" in text
    assert "reopened" in text


def test_credits_of_a_past_night_on_screen_and_in_files(told: DuckDBWarehouse, tmp_path: Path):
    assert "100.0000" in printed(show_credits_as_of, told, str(night(1)), None, None)
    assert "30.0000" in printed(show_credits_as_of, told, "1", "won:deal", None)
    assert "15.0000" in printed(show_credits_as_of, told, "night 2", "won:deal", None)
    assert "as of run 2" in printed(show_credits_as_of, told, "2030-01-01", None, None)
    for name in ("credits.csv", "credits.parquet"):
        printed(show_credits_as_of, told, "1", None, tmp_path / name)
    with (tmp_path / "credits.csv").open(newline="", encoding="utf-8") as file:
        assert len(list(csv.DictReader(file))) == pq.read_table(tmp_path / "credits.parquet").num_rows == 6
    with pytest.raises(UsageError, match=r"written as \.csv or \.parquet"):
        printed(show_credits_as_of, told, "1", None, tmp_path / "credits.txt")
