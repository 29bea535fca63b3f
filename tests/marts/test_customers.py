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


MARCH, APRIL = date(2026, 3, 1), date(2026, 4, 1)


def acquisition(marts: Warehouse, name: str, grain: str, start: date, segment: str = "overall") -> dict:
    return kpi(marts, "kpi_customer_acquisition", name, grain, start, segment)


def test_a_customer_costs_all_that_was_spent_in_its_month(marts):
    # March: 200 of salaries, and one account that bought for the first time.
    assert acquisition(marts, "cac", "month", MARCH) == {"all": (200, 200, 1, 1)}
    assert acquisition(marts, "cac", "all_time", date(2025, 1, 1)) == {"all": (400, 400, 1, 1)}


def test_a_month_without_customers_has_no_cost_per_customer(marts):
    assert acquisition(marts, "cac", "month", APRIL) == {"all": (None, 60, 0, 0)}
    assert acquisition(marts, "clv_to_cac", "month", APRIL) == {"all": (None, None, 60, 0)}
    assert marts.rows(
        """select new_customer_count, is_small_base, cost_amount_reporting, cac_amount_reporting
           from marts.mart_unit_economics where period_grain = 'month' and period_start = ?""",
        [APRIL],
    ) == [(0, True, 60, None)]


def test_channels_share_the_customer_that_their_touches_brought(marts):
    start = date(2025, 1, 1)
    assert acquisition(marts, "cac", "all_time", start, "channel") == {
        "paid_search_brand": (200, 100, 0.5, 1),
        "webinar": (0, 0, 0.5, 1),
        "display": (None, 40, 0, 0),
        "paid_social": (None, 60, 0, 0),
        "unallocated": (None, 200, 0, 0),
    }
    assert acquisition(marts, "cac", "all_time", start, "channel_group")["paid"] == (400, 200, 0.5, 1)


def test_a_lagged_cost_meets_the_customers_of_its_cycle_later(marts):
    # 60 days before March's customer: the 100 of 5 and 6 January arrive on 6 and 7 March.
    assert acquisition(marts, "cac_lagged", "month", MARCH) == {"all": (100, 100, 1, 1)}


def test_a_customer_pays_its_cost_back_from_gross_margin(marts):
    # Ten units at 90 that cost 20 each, and 100 that no line explains at the assumed 80 %: 780 of 1000; 1000 a year.
    assert acquisition(marts, "cac_payback_months", "month", MARCH) == {"all": (200 / 65, 200, 65, 1)}
    assert acquisition(marts, "first_order_amount", "month", MARCH) == {"all": (1000, 1000, 1, 1)}
    assert acquisition(marts, "cac_to_first_order", "month", MARCH) == {"all": (0.2, 200, 1000, 1)}


def test_a_customer_is_worth_its_margin_so_far_and_what_is_expected(marts):
    # Over twelve month starts 22 of 23 customers were still there a month later; 900 a year still runs, at 78 %.
    monthly = 22 / 23 / 1.1 ** (1 / 12)
    expected = sum(900 / 12 * 0.78 * monthly**month for month in range(1, 37))
    ((historic, contractual, non_contractual, chosen, lifetime),) = marts.rows(
        """select gross_margin_amount_reporting, contractual_amount_reporting, non_contractual_amount_reporting,
               predicted_by, lifetime_value_amount_reporting
           from marts.mart_customer_values where account_id = 'A1'"""
    )
    assert historic == 780
    assert float(contractual) == pytest.approx(expected, abs=1e-4)
    # 1.25 purchases, discounted, of an expected 900 * 4 / (3 - 1).
    assert non_contractual == 1755
    assert chosen == "contractual"
    assert float(lifetime) == pytest.approx(780 + expected, abs=1e-4)
    value, numerator, customers, _ = acquisition(marts, "clv_to_cac", "month", MARCH)["all"]
    assert (value, numerator, customers) == (pytest.approx((780 + expected) / 200), pytest.approx(780 + expected), 200)


def test_lines_add_up_to_their_opportunity(marts):
    assert marts.rows(
        """select opportunity_id, product_id, amount, amount_reporting, gross_margin_amount_reporting
           from marts.fct_opportunity_lines order by opportunity_id, is_remainder"""
    ) == [
        ("O1", "PR1", 900, 900, 700),
        ("O1", None, 100, 100, 80),
        ("O2", None, 500, 600, 480),
        ("O3", None, 300, 300, 240),
    ]
