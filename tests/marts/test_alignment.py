"""The scorecard of how sales and marketing work together, on the small company."""

from datetime import date

from pipeline.settings import Settings, business_rules


def test_every_measure_of_the_seed_has_a_figure_some_month(marts):
    measured = {name for (name,) in marts.rows("select distinct measure from marts.mart_alignment_scorecard")}
    listed = {name for (name,) in marts.rows("select measure from seeds.alignment_measures")}
    # A year has passed since no win of so young a company; no cohort of sal or sql and no dead lead is in it.
    assert measured == listed - {"revenue_growth_on_year", "sql_to_opportunity_rate"}


def test_measures_are_those_of_the_kpis(marts):
    assert marts.rows(
        """select value, numerator, denominator, target_value, status from marts.mart_alignment_scorecard
           where measure = 'sal_acceptance_of_delivered' and month_start = date '2026-04-01'"""
    ) == [(0, 0, 1, 0.8, "red")]
    assert marts.rows(
        """select measure, value from marts.mart_alignment_scorecard
           where measure like 'revenue_by%' and month_start = date '2026-03-01' order by 1"""
    ) == [("revenue_by_both_share", 0), ("revenue_by_marketing_share", 1), ("revenue_by_sales_share", 0)]


def test_the_threshold_of_acceptance_is_the_vars(marts, settings: Settings):
    threshold = business_rules(settings)["sal_acceptance_threshold"]
    assert marts.rows(
        """select distinct target_value, target_set_by from marts.mart_alignment_scorecard
           where measure = 'sal_acceptance_of_decided'"""
    ) == [(threshold, "var sal_acceptance_threshold")]


def test_signals_say_since_when_and_on_what_evidence(marts):
    signals = {row[0]: row[1:] for row in marts.rows("select * from marts.mart_misalignment_signals")}
    since, days, value, limit, evidence = signals["undecided_handovers"]
    assert (since, days, value, limit) == (date(2026, 4, 5), 86, 1, 48)
    assert evidence == "oldest: person P3"
    assert signals["customers_told_otherwise"][0] == date(2026, 5, 1)
    assert signals["customers_told_otherwise"][-1] == "cases: K1"
    assert "red_sal_acceptance_of_delivered" in signals
    assert "teams_disagree_in_pulse" not in signals, "three of five are favourable"


def test_a_benchmark_is_beside_the_same_figure_with_its_source_and_year(marts):
    ((value, benchmark, distance, year, source),) = marts.rows(
        """select value, benchmark_value, distance, source_year, source from marts.mart_benchmark_distance
           where measure = 'lead_response_never'"""
    )
    assert (value, benchmark, year) == (1 / 3, 0.23, 2011)
    assert abs(distance - (1 / 3 - 0.23)) < 1e-12
    assert "Harvard Business Review" in source


def test_a_benchmark_without_a_figure_of_the_company_s_own_is_shown_with_none(marts):
    rows = marts.rows(
        """select kpi_model, period_start, value_kind, value, distance, benchmark_value
           from marts.mart_benchmark_distance where measure = 'nps'"""
    )
    assert rows == [(None, None, None, None, None, 40)]


def test_cost_per_customer_is_beside_that_of_the_own_industry_and_of_others(marts):
    rows = marts.rows(
        """select industry, currency, is_own_industry, benchmark_value, value, distance, value_to_benchmark
           from marts.mart_benchmark_distance where measure = 'cac' order by currency desc, industry"""
    )
    value = rows[0][4]
    assert value > 0
    assert rows == [
        ("logistics", "USD", False, 7000, value, value - 7000, value / 7000),
        ("saas", "USD", True, 12000, value, value - 12000, value / 12000),
        ("saas", "EUR", True, 900, value, None, None),
    ]
