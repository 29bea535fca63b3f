"""What all KPIs share: their periods and segments."""

from datetime import date

import pytest


@pytest.mark.parametrize(
    ("day", "quarter", "year", "number"),
    [
        (date(2026, 1, 31), date(2025, 11, 1), date(2025, 2, 1), (2026, 4)),
        (date(2026, 2, 1), date(2026, 2, 1), date(2026, 2, 1), (2027, 1)),
    ],
)
def test_a_fiscal_year_that_begins_in_february(marts, day, quarter, year, number):
    assert marts.rows(
        """select fiscal_quarter_start, fiscal_year_start, fiscal_year_number, fiscal_quarter_number
           from marts.dim_dates where date_day = ?""",
        [day],
    ) == [(quarter, year, *number)]


def test_a_fiscal_quarter_ends_before_the_next(marts):
    assert marts.rows(
        """select distinct period_start, period_end from marts.dim_date_periods
           where period_grain = 'fiscal_quarter' and date_day between date '2026-04-30' and date '2026-05-01'
           order by 1"""
    ) == [(date(2026, 2, 1), date(2026, 4, 30)), (date(2026, 5, 1), date(2026, 7, 31))]


@pytest.mark.parametrize(
    ("segment", "values"),
    [
        ("team", {"east": 2}),
        ("manager", {"U2": 2}),
        ("channel", {"paid_search_brand": 1, "not_recorded": 1}),
        ("product", {"PR1": 1, "not_recorded": 1}),
        ("company_size", {"51-500": 2}),
        ("opportunity_type", {"new_business": 1, "expansion": 1}),
    ],
)
def test_closed_deals_by_segment(marts, segment, values):
    assert (
        dict(
            marts.rows(
                """select segment_value, n from marts.kpi_win_rate
               where period_grain = 'all_time' and segment_type = ?""",
                [segment],
            )
        )
        == values
    )
