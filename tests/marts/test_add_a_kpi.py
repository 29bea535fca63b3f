"""The recipe for a KPI, followed in a copy of the dbt project over the small company."""

import pytest


def test_a_kpi_is_added_by_its_recipe(small_company, marts):
    of_the_kpi = [status for name, status in small_company.results.items() if "kpi_average_won_amount" in name]
    assert len(of_the_kpi) >= 3, "the mart, its test, its example"
    assert set(of_the_kpi) == {"success", "pass"}
    value, amount, count = marts.rows(
        """select value, numerator, denominator from marts.kpi_average_won_amount
        where segment_type = 'overall' and period_grain = 'all_time'"""
    )[0]
    won = marts.rows(
        "select sum(amount_reporting), count(*) from marts.fct_opportunities where opportunity_status = 'won'"
    )[0]
    assert count > 0
    assert (amount, count) == (float(won[0]), won[1])
    assert value == pytest.approx(amount / count)
