"""A whole night of a small simulated company, through the command line, as a data engineer runs it."""

import json

import duckdb
import pytest

from tests.nights import BUSINESS_DATE, Home

pytestmark = pytest.mark.slow

#: What so small a company may have none of: support cases, a date of alignment, and evaluations, which no night makes.
NOT_IN_EVERY_COMPANY = {
    "fct_cases",
    "kpi_broken_promise_share",
    "kpi_complaint_share",
    "kpi_customer_satisfaction",
    "mart_alignment_before_after",
    "mart_evaluation_calibration",
    "mart_evaluation_experiments",
    "mart_evaluation_permutation",
    "mart_evaluation_placebo",
    "mart_evaluation_predictions",
    "mart_evaluation_stability",
    "mart_evaluation_summary",
    "mart_evaluation_truth",
    "mart_evaluation_truth_channels",
    "mart_evaluations",
}


def test_a_night_publishes_marts_that_tell_of_every_part_of_the_funnel(first_night: Home):
    with duckdb.connect(str(first_night.path / "published/current/touchledger.duckdb"), read_only=True) as marts:
        empty = [
            name
            for (name,) in marts.execute(
                "select table_name from information_schema.tables where table_schema = 'marts'"
            ).fetchall()
            if marts.execute(f"select count(*) from marts.{name}").fetchone() == (0,)
        ]
        types = marts.execute("select distinct conversion_type from marts.fct_credits order by 1").fetchall()
    assert set(empty) <= {"fct_credit_changes", *NOT_IN_EVERY_COMPANY}, "only the first night has no changed credit"
    assert [name for (name,) in types] == ["mql", "opportunity", "sal", "sql", "won"]


def test_report_and_status_read_what_the_night_did(first_night: Home):
    report = first_night.touchledger("report").stdout
    assert "Funnel" in report
    assert "Wins credited by channel" in report
    assert "Quarantined" in report
    status = json.loads(first_night.touchledger("status", "--json").stdout)
    assert status["business_date"] == BUSINESS_DATE
    assert {step[2] for step in status["steps"]} == {"succeeded"}
    assert status["published"].startswith(f"Published: {BUSINESS_DATE}")


def test_no_line_of_any_file_is_lost(first_night: Home):
    with duckdb.connect(str(first_night.path / "warehouse.duckdb"), read_only=True) as warehouse:
        lines = {
            path: (physical, accounted)
            for path, physical, accounted in warehouse.execute(
                """select path, physical_lines,
                    header_lines + blank_lines + loaded_lines + duplicate_lines + quarantined_lines
                from ops.load_ledger"""
            ).fetchall()
        }
    delivered = {
        str(file.relative_to(first_night.landing))
        for source in ("salesforce", "web", "email", "ads", "offline", "finance", "surveys", "experiments")
        for file in (first_night.landing / source).rglob("*.csv*")
    }
    assert len(delivered) > 40
    assert set(lines) == delivered
    assert {path for path, (physical, accounted) in lines.items() if physical != accounted} == set()


def test_a_second_writer_is_told_who_is_writing(first_night: Home):
    from pipeline.warehouse.lock import writing

    with writing(first_night.path / "warehouse.duckdb", "touchledger run --date 2026-06-30"):
        done = first_night.touchledger("run", "--date", BUSINESS_DATE, check=False)
    assert done.returncode == 75
    assert "is being written by `touchledger run --date 2026-06-30`" in done.stderr
    assert "Traceback" not in done.stderr
