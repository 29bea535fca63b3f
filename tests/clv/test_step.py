"""What the step reads, refuses and writes."""

from collections.abc import Iterator
from datetime import date

import numpy as np
import pytest

from pipeline import clv
from pipeline.errors import UsageError
from pipeline.progress import Progress
from pipeline.warehouse.base import Warehouse
from pipeline.warehouse.on_duckdb import DuckDBWarehouse

RULES = {"clv": {"horizon_months": 12, "annual_discount_rate": 0.1, "least_repeat_customers": 20}}


@pytest.fixture
def warehouse() -> Iterator[Warehouse]:
    """Four hundred customers of two years, half of whom came back."""
    random = np.random.default_rng(1)
    with DuckDBWarehouse.in_memory() as opened:
        opened.execute("CREATE SCHEMA journeys")
        opened.execute(
            """CREATE TABLE journeys.fct_customer_purchases (account_id VARCHAR, repeat_count INTEGER,
            recency_days INTEGER, age_days INTEGER, mean_repeat_amount_reporting DECIMAL(18, 4))"""
        )
        for number in range(400):
            rate, leaving = random.gamma(0.9, 1 / 60), random.beta(0.8, 2.5)
            repeats, last, now = 0, 0, random.exponential(1 / rate)
            while now < 730:
                repeats, last = repeats + 1, int(now)
                if random.random() < leaving:
                    break
                now += random.exponential(1 / rate)
            amount = float(random.gamma(6 * repeats, 1 / (repeats * random.gamma(4, 1 / 900)))) if repeats else None
            opened.execute(
                "INSERT INTO journeys.fct_customer_purchases VALUES (?, ?, ?, 730, ?)",
                [f"A{number}", repeats, last, amount],
            )
        yield opened


def run(warehouse: Warehouse, rules: dict) -> clv.Report:
    return clv.estimate(warehouse, rules, date(2026, 6, 30), Progress())


def test_every_history_has_its_prediction_once(warehouse: Warehouse):
    report = run(warehouse, RULES)
    assert [fit.status for fit in report.fits] == ["fitted", "fitted"]
    assert 1 < report.predicted_histories < 400
    assert warehouse.value("select count(*) from clv.parameters") == 7
    assert warehouse.rows(
        """select count(*), count(distinct account_id), min(alive_probability) >= 0, max(alive_probability) <= 1,
               min(discounted_purchase_count) >= 0, bool_and(discounted_purchase_count <= expected_purchase_count)
           from journeys.fct_customer_purchases
           join clv.predictions using (repeat_count, recency_days, age_days)"""
    ) == [(400, 400, True, True, True, True)]


def test_the_step_run_again_writes_the_same(warehouse: Warehouse):
    run(warehouse, RULES)
    first = warehouse.rows("select * from clv.predictions order by all")
    run(warehouse, RULES)
    assert warehouse.rows("select * from clv.predictions order by all") == first != []


def test_too_few_customers_are_not_fitted_and_say_so(warehouse: Warehouse):
    warehouse.execute("delete from journeys.fct_customer_purchases where account_id not in ('A1', 'A2', 'A3')")
    report = run(warehouse, RULES)
    assert {fit.status for fit in report.fits} == {"too_few_customers"}
    assert warehouse.rows("select status, log_likelihood from clv.fits") == [("too_few_customers", None)] * 2
    assert warehouse.value("select count(*) from clv.parameters") == 0
    assert warehouse.value("select count(*) from clv.predictions") == 0


@pytest.mark.parametrize(
    ("rule", "value", "says"),
    [("horizon_months", 10, "multiple of 3"), ("annual_discount_rate", -1, "10 % a year"), ("horizon", 3, "must hold")],
)
def test_a_wrong_rule_is_named(warehouse: Warehouse, rule: str, value: float, says: str):
    with pytest.raises(UsageError, match=says):
        run(warehouse, {"clv": {**RULES["clv"], rule: value}})
