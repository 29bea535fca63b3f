"""A company where one channel decides: whoever was at a webinar buys, and nothing else matters."""

import random
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from pipeline.attribution.evaluation.evaluate import evaluate_warehouse
from pipeline.settings import Settings, business_rules
from pipeline.warehouse.on_duckdb import DuckDBWarehouse
from tests.attribution.journeys import Journey, Touch, load

BUSINESS_DATE = date(2026, 3, 31)
FIRST_END = datetime(2025, 9, 1)

#: A model that knows what matters, and one that looks at what everybody has.
MODELS = {
    "perfect": {"weight": "case when channel = 'webinar' then 1 else 0.001 end"},
    "useless": {"weight": "case when channel = 'display' then 1 else 0 end"},
}
CHOSEN = ["linear", "markov", *MODELS]


def company(accounts: int = 400, seed: int = 5) -> list[Journey]:
    """Journeys that ended in the seven months to March 2026, four in a hundred against the rule; and a few MQLs."""
    draw, found = random.Random(seed), []
    for number in range(accounts):
        ended = FIRST_END + timedelta(days=draw.uniform(0, 210))
        attends = draw.random() < 0.5
        buys = attends if draw.random() > 0.04 else not attends
        channels = [
            "display",
            "webinar" if attends else "email",
            *draw.choices(["email", "search"], k=draw.randint(0, 3)),
        ]
        draw.shuffle(channels)
        touches = [
            Touch(f"t{number}-{place}", channel, days=60.0 - 5 * place) for place, channel in enumerate(channels)
        ]
        found.append(_journey(f"o{number}", "won", touches, f"a{number}", ended, is_converted=buys))
        if number < 8:
            found.append(_journey(f"p{number}", "mql", touches[:1], f"a{number}", ended, is_converted=number > 0))
    return found


def _journey(
    unit: str, kind: str, touches: list[Touch], account: str, ended: datetime, *, is_converted: bool
) -> Journey:
    more: dict[str, Any] = {
        "outcome": "converted" if is_converted else "lost",
        "started_at": ended - timedelta(days=365),
        "ended_at": ended,
    }
    return Journey(unit, touches, kind, is_converted, account, converted_at=ended, more=more)


@pytest.fixture(scope="session")
def rules() -> dict[str, Any]:
    return business_rules(Settings.read({}), {"enabled_models": CHOSEN[:2], "custom_models": MODELS})


@pytest.fixture(scope="session")
def evaluated(rules: dict[str, Any]) -> Iterator[DuckDBWarehouse]:
    """The company's models, evaluated twice with one seed."""
    with DuckDBWarehouse.in_memory() as warehouse:
        load(warehouse, company())
        for run in ("first", "second"):
            evaluate_warehouse(warehouse, rules, BUSINESS_DATE, run)
        yield warehouse
