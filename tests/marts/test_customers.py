"""Who stays a customer, for how much, and what they are worth.

A1 pays 1000 a year from 16 March 2025, 200 more from October, and renews at 900 in all on 16 March 2026; A2 pays
500 EUR, 550 USD at the rate of its first day, from June 2025 to the end of May 2026.
"""

from datetime import date

import pytest

from pipeline.warehouse.base import Warehouse


def kpi(marts: Warehouse, table: str, name: str, grain: str, start: date, segment: str = "overall") -> dict:
    """{segment value: (value, numerator, denominator, n)} of one figure in one period."""
    return {
        row[0]: row[1:]
        for row in marts.rows(
            f"""select segment_value, value, numerator, denominator, n from marts.{table}
                where (kpi, period_grain, period_start, segment_type) = (?, ?, ?, ?)""",
            [name, grain, start, segment],
        )
    }


def retention(marts: Warehouse, name: str, grain: str, start: date, segment: str = "overall") -> dict:
    return kpi(marts, "kpi_customer_retention", name, grain, start, segment)


def test_churn_is_logos_lost_of_those_there_at_the_start(marts):
    may = date(2026, 5, 1)
    assert retention(marts, "customer_churn", "month", may) == {"all": (0.5, 1, 2, 2)}
    assert retention(marts, "customer_churn", "month", may, "owner") == {"U1": (0, 0, 1, 1), "U2": (1, 1, 1, 1)}
    assert retention(marts, "customer_churn", "month", may, "tenure") == {
        "under_1_year": (1, 1, 1, 1),
        "1_year_and_more": (0, 0, 1, 1),
    }


def test_a_renewal_the_next_day_is_no_churn(marts):
    assert retention(marts, "customer_churn", "month", date(2026, 3, 1))["all"][0] == 0


def test_a_month_of_churn_is_carried_to_a_year_by_compounding(marts):
    value, *_ = retention(marts, "customer_churn_annualised", "month", date(2026, 5, 1))["all"]
    assert value == pytest.approx(1 - 0.5**12)


def test_revenue_retention_gross_leaves_out_what_was_added(marts):
    september, march = date(2025, 9, 1), date(2026, 3, 1)
    assert retention(marts, "net_revenue_retention", "month", september)["all"] == (1750 / 1550, 1750, 1550, 2)
    assert retention(marts, "gross_revenue_retention", "month", september)["all"] == (1, 1550, 1550, 2)
    assert retention(marts, "gross_revenue_retention", "month", march)["all"] == (1450 / 1750, 1450, 1750, 2)


def test_a_period_that_is_not_over_has_no_retention(marts):
    assert retention(marts, "customer_churn", "month", date(2026, 6, 1)) == {"all": (0, 0, 1, 1)}
    assert retention(marts, "customer_churn", "fiscal_quarter", date(2026, 2, 1)) == {"all": (0, 0, 2, 2)}
    assert retention(marts, "customer_churn", "fiscal_quarter", date(2026, 5, 1)) == {}
    assert retention(marts, "customer_churn", "trailing_12_months", date(2025, 7, 1)) == {"all": (0.5, 1, 2, 2)}
