"""Cohorts with their maturity, entries by period, and the first KPIs."""

from datetime import date

from pipeline.warehouse.base import Warehouse


def cohort(marts: Warehouse, month: date, start: str, end: str, segment: str = "overall", value: str = "all") -> tuple:
    """entered, converted, converted within the window, mature, share and share within the window of one cohort."""
    (found,) = marts.rows(
        """select entered_count, converted_count, converted_in_window_count, is_mature, conversion_share,
               window_conversion_share
           from marts.fct_funnel_cohort
           where (cohort_month, from_stage, to_stage, segment_type, segment_value) = (?, ?, ?, ?, ?)""",
        [month, start, end, segment, value],
    )
    return found


def test_a_mature_cohort_has_a_rate(marts):
    # Two MQLs in January; one became an opportunity after 31 days.
    assert cohort(marts, date(2026, 1, 1), "mql", "opportunity") == (2, 1, 1, True, 0.5, 0.5)
    assert cohort(marts, date(2026, 1, 1), "mql", "disqualified") == (2, 1, 1, True, 0.5, 0.5)


def test_a_young_cohort_has_counts_and_no_rate(marts):
    # 31 January and 270 days are not over on 30 June, though the win is there.
    assert cohort(marts, date(2026, 1, 1), "mql", "won") == (2, 1, 1, False, None, None)
    # An opportunity for April's MQL came, but 90 days from 30 April are not over.
    assert cohort(marts, date(2026, 4, 1), "mql", "opportunity") == (1, 1, 1, False, None, None)


def test_a_literal_unknown_is_not_a_blank(marts):
    assert cohort(marts, date(2026, 1, 1), "mql", "sal", "lead_source", "unknown")[0] == 1
    assert cohort(marts, date(2026, 3, 1), "opportunity", "lost", "lead_source", "not_recorded")[:2] == (1, 1)


def test_entries_by_period_stage_and_source(marts):
    assert marts.rows(
        """select stage, segment_value, entry_count from marts.fct_funnel_period
           where period_grain = 'quarter' and period_start = date '2026-01-01' and segment_type = 'lead_source'
               and stage in ('mql', 'opportunity') order by 1, 2"""
    ) == [
        ("mql", "Webinar", 1),
        ("mql", "unknown", 1),
        ("opportunity", "Webinar", 1),
        ("opportunity", "not_recorded", 1),
    ]


def test_time_in_a_stage_is_not_known_where_it_is_inferred_or_not_over(marts):
    assert marts.rows(
        "select stage_entry_id, days_in_stage from marts.fct_stage_entries where stage_entry_id in ('E1', 'E2', 'E3')"
    ) == [
        ("E1", 5.0),
        ("E2", 2.5),
        ("E3", None),
    ]
    assert marts.value("select days_in_stage from marts.fct_stage_entries where stage_entry_id = 'E4'") is None


def kpi(marts: Warehouse, name: str, segment: str, value: str, grain: str = "all_time") -> list[tuple]:
    """Kind, value, numerator, denominator and n of one KPI's cell, latest period."""
    return marts.rows(
        f"""select value_kind, value, numerator, denominator, n from marts.{name}
            where period_grain = ? and segment_type = ? and segment_value = ?
            qualify period_start = max(period_start) over () order by value_kind""",
        [grain, segment, value],
    )


def test_win_rate_is_won_of_closed(marts):
    assert kpi(marts, "kpi_win_rate", "overall", "all") == [("ratio", 0.5, 1.0, 2.0, 2)]
    assert kpi(marts, "kpi_win_rate", "owner", "U1") == [("ratio", 0.5, 1.0, 2.0, 2)]
    assert kpi(marts, "kpi_win_rate", "lead_source", "Webinar") == [("ratio", 1.0, 1.0, 1.0, 1)]
    assert kpi(marts, "kpi_win_rate", "owner", "U2") == []
    assert kpi(marts, "kpi_win_rate", "overall", "all", "month") == [("ratio", 0.0, 0.0, 1.0, 1)]


def test_win_rate_by_value(marts):
    assert kpi(marts, "kpi_win_rate_by_value", "overall", "all") == [("ratio", 1000 / 1300, 1000.0, 1300.0, 2)]


def test_days_to_win_are_calendar_days_from_the_first_contact(marts):
    # First contact on 5 January, closed on 15 March; one opportunity is still open after 90 days: half go on after 69.
    assert kpi(marts, "kpi_days_to_win", "overall", "all") == [
        ("mean", 69.0, 69.0, 1.0, 1),
        ("median", 69.0, None, None, 1),
        ("negative_count", 0.0, None, None, 0),
        ("open_count", 1.0, None, None, 1),
        ("p90", 69.0, None, None, 1),
        ("survival_median", 69.0, None, None, 2),
    ]


def test_mql_to_won_judges_only_those_that_had_their_time(marts):
    # 270 days before 30 June is 3 October: all three MQLs are younger.
    assert kpi(marts, "kpi_mql_to_won_rate", "overall", "all") == [("ratio", None, 0.0, 0.0, 3)]


def test_a_win_is_counted_once(marts):
    # The person's cycle that led to it has its own row of the stage, which is no second win.
    assert marts.rows(
        """select stage, entry_count from marts.fct_funnel_period
           where period_grain = 'all_time' and segment_type = 'overall' order by 1"""
    ) == [("disqualified", 1), ("inquiry", 1), ("lost", 1), ("mql", 3), ("opportunity", 3), ("sal", 1), ("won", 1)]


def test_a_trailing_year_holds_twelve_months(marts):
    assert marts.rows(
        """select period_start, period_end, count(*) from marts.dim_date_periods
           where period_grain = 'trailing_12_months' and period_end = date '2026-06-30' group by 1, 2"""
    ) == [(date(2025, 7, 1), date(2026, 6, 30), 365)]
