"""What channels and campaigns earned and cost, by close date and by touch date."""

from datetime import date
from decimal import Decimal

import pytest

from pipeline.warehouse.base import Warehouse

JANUARY, FEBRUARY, MARCH, APRIL = (date(2026, month, 1) for month in (1, 2, 3, 4))


def channel(marts: Warehouse, model: str, basis: str, month: date, name: str, columns: str) -> tuple:
    """One row of the channel mart, or None where there is none."""
    found = marts.rows(
        f"""select {columns} from marts.mart_channel_performance
            where (model_name, date_basis, month_start, channel) = (?, ?, ?, ?)""",
        [model, basis, month, name],
    )
    assert len(found) <= 1
    return found[0] if found else None


def test_by_touch_date_a_win_meets_the_spend_of_its_touch(marts):
    # 1000 won from a click in January, when 60 + 40 was spent on the channel.
    assert channel(
        marts, "first_touch", "touch_date", JANUARY, "paid_search_brand",
        "credited_won_count, revenue_amount_reporting, spend_amount_reporting, roi, roas, "
        "cost_per_won_amount_reporting",
    ) == (1.0, Decimal(1000), Decimal(100), 9.0, 10.0, Decimal(100))  # fmt: skip
    assert channel(
        marts, "linear", "touch_date", JANUARY, "paid_search_brand",
        "credited_won_count, revenue_amount_reporting, roi, roas, cost_per_won_amount_reporting",
    ) == (0.5, Decimal(500), 4.0, 5.0, Decimal(200))  # fmt: skip


def test_by_close_date_the_same_win_counts_in_march_without_spend(marts):
    assert channel(
        marts, "first_touch", "close_date", MARCH, "paid_search_brand",
        "credited_won_count, revenue_amount_reporting, spend_amount_reporting, roi, roas, "
        "cost_per_won_amount_reporting",
    ) == (1.0, Decimal(1000), Decimal(0), None, None, Decimal(0))  # fmt: skip
    # January keeps its spend and the MQL it brought; its win is in March.
    assert channel(
        marts, "first_touch", "close_date", JANUARY, "paid_search_brand",
        "credited_mql_count, credited_won_count, spend_amount_reporting, roi, cost_per_mql_amount_reporting",
    ) == (1.0, 0.0, Decimal(100), -1.0, Decimal(100))  # fmt: skip


@pytest.mark.parametrize("basis", ["close_date", "touch_date"])
@pytest.mark.parametrize("model", ["first_touch", "linear"])
def test_spend_that_earned_nothing_is_kept(marts, model, basis):
    assert channel(
        marts, model, basis, FEBRUARY, "display",
        "spend_amount_reporting, impression_count, click_count, roi, roas, cost_per_mql_amount_reporting",
    ) == (Decimal(40), 5000, 3, -1.0, 0.0, None)  # fmt: skip
    assert channel(marts, model, basis, MARCH, "unallocated", "spend_amount_reporting") == (Decimal(200),)


def test_spend_is_there_for_the_models_of_the_run_and_no_other(marts):
    assert marts.rows("select distinct model_name from marts.mart_channel_performance order by 1") == [
        ("first_touch",), ("linear",)
    ]  # fmt: skip


def test_next_to_no_credit_has_no_cost_per_conversion(marts):
    assert channel(
        marts, "linear", "close_date", FEBRUARY, "display",
        "credited_opportunity_count, spend_amount_reporting, cost_per_opportunity_amount_reporting",
    ) == (1e-15, Decimal(40), None)  # fmt: skip


def test_spend_is_in_the_reporting_currency_at_the_rate_of_its_day(marts):
    assert marts.rows(
        """select amount, currency, exchange_rate, exchange_rate_date, amount_reporting
           from marts.fct_spend where spend_id = 'S4'"""
    ) == [(Decimal(50), "EUR", Decimal("1.2"), APRIL, Decimal(60))]


def test_costs_of_days_to_come_are_not_spent_yet(marts):
    assert marts.value("select max(spend_date) from marts.fct_spend") == date(2026, 4, 1)


def test_open_pipeline_is_no_revenue(marts):
    assert channel(
        marts, "linear", "close_date", APRIL, "paid_social",
        "pipeline_amount_reporting, open_pipeline_amount_reporting, revenue_amount_reporting, spend_amount_reporting, "
        "cost_per_opportunity_amount_reporting",
    ) == (Decimal(600), Decimal(600), Decimal(0), Decimal(60), Decimal(60))  # fmt: skip
    assert marts.rows(
        "select distinct opportunity_id, credited_amount, currency, expected_close_date from marts.fct_pipeline_credits"
    ) == [("O2", Decimal(500), "EUR", date(2026, 8, 31))]


def test_conversions_without_touch_are_their_own_row(marts):
    assert channel(
        marts, "linear", "touch_date", MARCH, "unattributed",
        "credited_opportunity_count, pipeline_amount_reporting, open_pipeline_amount_reporting, roi",
    ) == (1.0, Decimal(300), Decimal(0), None)  # fmt: skip


def test_a_month_by_touch_date_is_complete_when_its_touches_can_earn_no_more(marts):
    complete = dict(
        marts.rows("select distinct date_basis, max(is_window_complete) from marts.mart_channel_performance group by 1")
    )
    assert complete == {"close_date": True, "touch_date": False}


def test_campaigns_are_named_by_the_crm_or_by_whoever_ran_them(marts):
    assert marts.rows(
        """select campaign_id, campaign_name, campaign_type, is_in_crm from marts.dim_campaigns
           where campaign_id like 'C%' order by 1"""
    ) == [
        ("C1", "Brand search", None, False),
        ("C2", "Intro webinar (spring)", "Webinar", True),
        ("C3", "Social", None, False),
        ("C9", "Banners", None, False),
    ]
    assert marts.rows(
        """select campaign_id, revenue_amount_reporting, spend_amount_reporting, roas
           from marts.mart_campaign_performance
           where model_name = 'linear' and date_basis = 'touch_date' and month_start < date '2026-03-01' order by 1"""
    ) == [
        ("C1", Decimal(500), Decimal(100), 5.0),
        ("C2", Decimal(500), Decimal(0), None),
        ("C9", Decimal(0), Decimal(40), 0.0),
        ("unattributed", Decimal(0), Decimal(0), None),
    ]


def test_content_earns_by_kind_of_touch(marts):
    assert marts.rows(
        """select touch_kind, content_name, credited_won_count, revenue_amount_reporting
           from marts.mart_content_performance
           where model_name = 'linear' and date_basis = 'close_date' and month_start = date '2026-03-01' order by 1"""
    ) == [
        ("ad_click", "Brand ad", 0.5, Decimal(500)),
        ("campaign_response", "Intro", 0.5, Decimal(500)),
        ("unattributed", "no_content", 0.0, Decimal(0)),
    ]
