"""The scorecard: its figures are the marts', it stands alone, and it is there whatever is missing."""

import re
from datetime import date

import pytest

from pipeline.publish.scorecard import render
from pipeline.publish.scorecard.figures import Period
from pipeline.warehouse.on_duckdb import DuckDBWarehouse

NIGHT = date(2026, 6, 17)
RULES = {
    "reporting_currency": "EUR",
    "enabled_models": ["last_touch", "u_shaped"],
    "model_goals": {"revenue": "u_shaped"},
}


@pytest.fixture
def warehouse():
    with DuckDBWarehouse.in_memory() as opened:
        opened.execute("CREATE SCHEMA marts")
        opened.execute("CREATE SCHEMA ops")
        yield opened


@pytest.fixture
def credits(warehouse):
    warehouse.execute(
        """
        CREATE TABLE marts.fct_credits AS SELECT * FROM (VALUES
            ('u_shaped', 'won', 'paid_social', 1.5, 750.0, DATE '2026-05-01'),
            ('u_shaped', 'won', '<b>&', 0.5, 250.0, DATE '2026-05-01'),
            ('last_touch', 'won', 'paid_social', 2.0, 1000.0, DATE '2026-05-01'),
            ('last_touch', 'won', 'email', 9.0, 9000.0, DATE '2025-06-30'),
            ('u_shaped', 'mql', 'email', 1.0, NULL, DATE '2026-05-01')
        ) t(model_name, conversion_type, channel, credit_share, credited_amount_reporting, reporting_date)
        """
    )


def section(page: str, key: str) -> str:
    return re.search(rf'<section id="{key}".*?</section>', page, re.S)[0]


def words(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def test_the_twelve_months_end_with_the_month_of_the_business_date():
    assert (Period.until(NIGHT).start, Period.until(NIGHT).end) == (date(2025, 7, 1), NIGHT)
    assert Period.until(date(2026, 12, 31)).months[0] == date(2026, 1, 1)


@pytest.mark.usefixtures("credits")
def test_credit_is_each_models_share_of_the_period_and_of_the_last_stage(warehouse):
    credit = section(render(warehouse, NIGHT, RULES), "credit")
    assert "Share of revenue won" in credit
    assert "Paid social leads with 75.0%" in words(credit).replace(" ;", ";")
    assert "between 75.0% and 100.0%" in words(credit)
    assert ">25.0<" in credit
    assert "Email" not in credit, "a conversion before the twelve months is not counted"


@pytest.mark.usefixtures("credits")
def test_text_from_data_is_escaped(warehouse):
    page = render(warehouse, NIGHT, RULES)
    assert "<b>&</th>" not in page
    assert "&lt;b&gt;&amp;" in page


@pytest.mark.usefixtures("credits")
def test_the_page_stands_alone_and_names_its_parts(warehouse):
    page = render(warehouse, NIGHT, RULES)
    assert not re.findall(r"(?:src|href)=|@import|url\(", page)
    assert '<html lang="en">' in page
    assert "prefers-color-scheme: dark" in page
    assert page.count("<table") == page.count("<caption>")
    assert all("aria-" in svg for svg in re.findall(r"<svg[^>]*>", page))


def test_without_any_mart_every_section_says_so(warehouse):
    page = render(warehouse, NIGHT, RULES)
    assert page.count("No data: ") == 10
    assert "marts.fct_opportunities is not built" in page


def test_a_mart_with_other_columns_costs_its_section_only(warehouse):
    warehouse.execute("CREATE TABLE marts.fct_credits AS SELECT 1 AS something")
    warehouse.execute(
        """
        CREATE TABLE marts.fct_opportunities AS SELECT 'won' AS opportunity_status, DATE '2026-06-01' AS close_date,
            1234567.0 AS amount_reporting, 30 AS days_from_first_contact_to_close
        """
    )
    page = render(warehouse, NIGHT, RULES)
    assert "BinderException" in page
    assert "EUR 1.23 M" in page


@pytest.mark.usefixtures("credits")
@pytest.mark.parametrize(("conversions", "shown"), [(3, "Most frequent first Path"), (1, "Began → ended")])
def test_paths_that_nobody_shares_give_way_to_where_they_began_and_ended(warehouse, conversions, shown):
    warehouse.execute(
        f"""
        CREATE TABLE marts.mart_top_paths AS SELECT 'won' AS conversion_type, 'steps' AS path_form,
            'email > <i>' AS channel_path, {conversions} AS conversion_count, 0.5 AS share_of_conversions,
            1.0 AS conversion_share, 10 AS amount_reporting, 2 AS median_touch_count,
            9 AS median_days_from_first_touch, 1 AS path_rank_number
        """
    )
    warehouse.execute(
        """
        CREATE TABLE marts.fct_journey_paths AS SELECT 'won' AS conversion_type, 'email' AS first_channel,
            'webinar' AS last_channel, true AS is_converted, 'converted' AS outcome, 10 AS amount_reporting,
            2 AS touch_count, 9 AS days_from_first_touch FROM range(2)
        """
    )
    assert shown in words(section(render(warehouse, NIGHT, RULES), "paths"))


def test_warnings_are_told_and_what_passed_is_counted(warehouse):
    warehouse.execute(
        """
        CREATE TABLE ops.expectation_results AS SELECT * FROM (VALUES
            ('raw', 'raw.web__sessions', 'expect_column_values_to_be_between', 'started_at', 'critical', 'success', 0),
            ('raw', 'raw.web__sessions', 'expect_column_values_to_match_regex', 'url', 'warning', 'failure', 3)
        ) t(door, table_name, expectation, column_name, severity, status, unexpected_count),
        (VALUES (DATE '2026-06-17', 10, NULL, TIMESTAMP '2026-06-18'))
        u(business_date, element_count, message, checked_at)
        """
    )
    doors = words(section(render(warehouse, NIGHT, RULES), "doors"))
    assert "1 of 2 checks did not pass, 0 of them critical" in doors
    assert "Door in: 1 of 2 checks of 1 tables passed" in doors
    assert "3 of 10" in doors


def test_measures_show_their_target_colour_and_last_whole_month(warehouse):
    warehouse.execute(
        """
        CREATE TABLE marts.mart_alignment_scorecard AS SELECT * FROM (VALUES
            ('sal_acceptance_of_decided', 'handover', 'share', DATE '2026-05-01', 0.8, 0.7, 'better', 0.9, 'us', 'red'),
            ('sal_acceptance_of_decided', 'handover', 'share', DATE '2026-04-01', 0.7, NULL, 'none', 0.9, 'us', 'red'),
            ('lead_response_minutes', 'response', 'minutes', DATE '2026-05-01', 90.0, 95.0, 'better', 100.0,
                'illustrative', 'green')
        ) t(measure, subject, unit, month_start, value, previous_value, trend, target_value, target_set_by, status),
        (VALUES (true)) u(is_month_over)
        """
    )
    shown = words(section(render(warehouse, NIGHT, RULES), "alignment"))
    assert "Of 2 measures with a target, 1 are on it , 0 near it and 1 off it" in shown
    assert "SAL acceptance of decided May 2026 off target 80.0% 90.0% better" in shown
    assert "Lead response minutes May 2026 on target 90 min 100 min* better" in shown
    assert "illustrative" in shown


def test_hand_overs_are_told_with_both_rates_against_the_threshold(warehouse):
    warehouse.execute(
        """
        CREATE TABLE marts.mart_sal_acceptance AS SELECT 'overall' AS segment_type, DATE '2026-05-01' AS month_start,
            16 AS delivered_count, 9 AS accepted_count, 1 AS rejected_count, 1 AS skipped_count, 2 AS taken_back_count,
            3 AS undecided_count, 2 AS stagnant_count, 4 AS uncontacted_count, 0.9 AS threshold_share;
        CREATE TABLE marts.kpi_sal_decision_service_level AS SELECT 'sal_decision_within_24_hours' AS kpi,
            'month' AS period_grain, 'overall' AS segment_type, DATE '2026-05-01' AS period_start, 3 AS numerator,
            4 AS denominator;
        CREATE TABLE marts.kpi_sal_contact_service_level AS SELECT * FROM marts.kpi_sal_decision_service_level LIMIT 0;
        CREATE TABLE marts.mart_sal_rejection_reasons AS SELECT 'No <budget>' AS rejection_reason, 1 AS rejected_count,
            'month' AS period_grain, 'overall' AS segment_type, DATE '2026-05-01' AS period_start
        """
    )
    html = section(render(warehouse, NIGHT, RULES), "handovers")
    shown = words(html)
    assert "Accepted of decided 90.0% of 10 decided" in shown
    assert 'class="good">90.0%' in html
    assert 'class="bad">56.2%' in html
    assert "Undecided 3 2 of them stagnant" in shown
    assert "Decision within 24 hours 75.0% 3 of 4" in shown
    assert "No &lt;budget&gt; 1 100%" in shown


def test_signals_are_told_with_their_evidence_and_none_is_said_to_hold(warehouse):
    warehouse.execute(
        """
        CREATE TABLE marts.mart_misalignment_signals AS SELECT 'undecided_handovers' AS signal,
            DATE '2026-06-01' AS since_date, 16 AS days_since, 3 AS value, 48 AS limit_value,
            'oldest: person P3' AS evidence
        """
    )
    assert "Undecided handovers 2026-06-01 16 oldest: person P3" in words(
        section(render(warehouse, NIGHT, RULES), "signals")
    )
    warehouse.execute("DELETE FROM marts.mart_misalignment_signals")
    assert "None holds." in section(render(warehouse, NIGHT, RULES), "signals")
