"""The doors: what stops a night, what is only told, and what is kept of it."""

import json
from datetime import date

import pytest

from pipeline.errors import GateError, UsageError

DEALS = """
    table: marts.deals
    when_empty: fail
    key: [deal_id]
    expectations:
      - type: expect_column_values_to_be_between
        kwargs: {column: amount, min_value: 0}
        severity: %s
        why: A deal is not sold for less than nothing.
"""


@pytest.fixture
def deals(warehouse):
    warehouse.execute(
        "CREATE TABLE marts.deals AS SELECT * FROM (VALUES ('a', 5::DECIMAL(18, 4), DATE '2026-06-01'), "
        "('b', -1, DATE '2026-06-30'), ('c', -2, DATE '2026-07-02'), ('d', -3, NULL), ('e', -4, NULL)) "
        "t(deal_id, amount, closed_on)"
    )


@pytest.mark.usefixtures("deals")
def test_a_failed_critical_check_closes_the_door_and_says_what_where_and_which_rows(check, write):
    write("marts__deals", DEALS % "critical")
    with pytest.raises(GateError) as stopped:
        check().raise_for_gate()
    message = str(stopped.value)
    for said in ("marts.deals", "expect_column_values_to_be_between", "amount", "4 of 5 rows", "touchledger status"):
        assert said in message
    assert message.count("deal_id=") == 3


@pytest.mark.usefixtures("deals")
def test_a_failed_warning_lets_the_night_go_on_and_is_told(check, write):
    write("marts__deals", DEALS % "warning")
    report = check()
    report.raise_for_gate()
    summary = report.summary()
    assert (summary["failed_warning"], summary["failed_critical"]) == (1, 0)
    assert "not sold for less than nothing" in summary["not_passed"][0]


@pytest.mark.usefixtures("deals")
def test_a_metric_that_raises_is_an_error_not_a_failure_and_stops_when_critical(check, write):
    write(
        "marts__deals",
        """
        table: marts.deals
        expectations:
          - type: expect_column_values_to_be_between
            kwargs: {column: deal_id, min_value: 3}
            severity: critical
            why: A text cannot be compared with a number.
          - type: expect_column_values_to_not_be_null
            kwargs: {column: no_such_column}
            severity: warning
            why: The column was renamed.
        """,
    )
    report = check()
    assert {result.status for result in report.results} == {"error"}
    assert "there are: deal_id, amount, closed_on" in "".join(report.summary()["not_passed"])
    with pytest.raises(GateError, match="could not be computed"):
        report.raise_for_gate()


def test_a_mean_of_no_values_is_an_error(check, write, warehouse):
    warehouse.execute("CREATE TABLE marts.deals AS SELECT CAST(NULL AS DOUBLE) AS amount FROM range(3)")
    write(
        "marts__deals",
        """
        table: marts.deals
        expectations:
          - {type: expect_column_mean_to_be_between, kwargs: {column: amount, min_value: 1}, severity: warning, why: x}
        """,
    )
    assert [result.status for result in check().results] == ["error"]


def test_a_mart_that_is_not_there_is_an_error(check, write):
    write("marts__deals", DEALS % "critical")
    with pytest.raises(GateError, match=r"no table marts\.deals"):
        check().raise_for_gate()


@pytest.mark.usefixtures("deals")
def test_every_result_is_kept_once_a_run_with_its_counts_and_examples(check, write, warehouse):
    write("marts__deals", DEALS % "critical")
    check()
    check()
    rows = warehouse.rows(
        "SELECT run_id, business_date, table_name, column_name, severity, status, unexpected_count, element_count, "
        "unexpected_examples FROM ops.expectation_results"
    )
    assert [row[:8] for row in rows] == [
        ("run", date(2026, 6, 30), "marts.deals", "amount", "critical", "failure", 4, 5)
    ]
    assert json.loads(rows[0][8])[0] == {"amount": -1.0, "deal_id": "b"}


@pytest.mark.parametrize(("when_empty", "stops"), [("fail", True), ("ok", False)])
def test_an_empty_batch_means_what_its_file_says(check, write, warehouse, when_empty, stops):
    warehouse.execute("CREATE TABLE marts.deals (deal_id VARCHAR, amount DOUBLE)")
    write("marts__deals", (DEALS % "critical").replace("when_empty: fail", f"when_empty: {when_empty}"))
    report = check()
    if stops:
        with pytest.raises(GateError, match="no rows"):
            report.raise_for_gate()
    else:
        report.raise_for_gate()
        assert report.results[0].message == "the batch has no rows"


@pytest.mark.usefixtures("deals")
def test_days_decimals_and_the_night_itself_compare_and_a_condition_narrows_the_rows(check, write):
    write(
        "marts__deals",
        """
        table: marts.deals
        key: [deal_id]
        expectations:
          - type: expect_column_values_to_be_between
            kwargs: {column: closed_on, min_value: 2026-01-01, max_value: "{business_date+1}"}
            severity: warning
            why: Nothing closes in the future.
          - type: expect_column_values_to_be_between
            kwargs: {column: amount, min_value: 0}
            where: closed_on < {business_date}
            severity: critical
            why: Only the closed ones.
          - type: expect_table_row_count_to_be_between
            kwargs: {min_value: 5, max_value: 5}
            severity: critical
            why: There are five.
        """,
    )
    statuses = {result.expectation.why: (result.status, result.unexpected_count) for result in check().results}
    assert statuses == {
        "Nothing closes in the future.": ("failure", 1),
        "Only the closed ones.": ("success", 0),
        "There are five.": ("success", None),
    }


@pytest.mark.usefixtures("deals")
@pytest.mark.parametrize(("allowed", "status"), [(3, "failure"), (4, "success")])
def test_a_few_rows_may_be_allowed_however_small_the_night(check, write, allowed, status):
    write("marts__deals", DEALS % f"critical\n        allow_rows: {allowed}")
    assert [(result.status, result.unexpected_count) for result in check().results] == [(status, 4)]


def test_a_count_of_rows_that_satisfy_no_condition_is_checked_too(check, write, deals):
    write(
        "marts__deals",
        """
        table: marts.deals
        expectations:
          - type: expect_table_row_count_to_be_between
            kwargs: {min_value: 1}
            where: amount > 100
            severity: critical
            why: There is a large one.
        """,
    )
    with pytest.raises(GateError, match="large one"):
        check().raise_for_gate()


def test_a_row_that_lacks_one_of_two_compared_values_is_left_to_other_checks(check, write, warehouse):
    warehouse.execute(
        "CREATE TABLE marts.deals AS SELECT * FROM (VALUES (DATE '2026-01-02', DATE '2026-01-01'), "
        "(NULL, DATE '2026-01-01'), (DATE '2026-01-02', NULL)) t(ends_on, starts_on)"
    )
    write(
        "marts__deals",
        """
        table: marts.deals
        expectations:
          - type: expect_column_pair_values_a_to_be_greater_than_b
            kwargs: {column_A: ends_on, column_B: starts_on}
            severity: critical
            why: It ends after it starts.
        """,
    )
    check().raise_for_gate()


@pytest.mark.usefixtures("deals")
def test_a_query_reconciles_tables_in_the_engine(check, write):
    write(
        "marts__deals_reconciled",
        """
        table: marts.deals_reconciled
        query: select sum(amount) as difference_amount from marts.deals where closed_on <= {business_date}
        expectations:
          - type: expect_column_values_to_be_in_set
            kwargs: {column: difference_amount, value_set: [4]}
            severity: critical
            why: To the cent.
        """,
    )
    check().raise_for_gate()


@pytest.mark.usefixtures("deals")
def test_a_query_that_cannot_run_is_an_error(check, write):
    write(
        "marts__wrong",
        """
        table: marts.wrong
        query: select nothing from nowhere
        expectations:
          - {type: expect_table_row_count_to_equal, kwargs: {value: 1}, severity: critical, why: x}
        """,
    )
    with pytest.raises(GateError, match="nowhere"):
        check().raise_for_gate()


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("expect_column_values_to_be_between", "expect_column_value_to_be_betwen", "expect_column_values_to_be_in_set"),
        ("min_value: 0", "minimum: 0", "minimum"),
        ("severity: critical", "severity: fatal", "critical, warning"),
        ("when_empty: fail", "when_empty: maybe", "fail, ok"),
        ("table: marts.deals", "table: marts.dealz", "marts.deals"),
        ("why: A deal", "because: A deal", "why"),
        ("why: A deal", "allow_rows: many\n        why: A deal", "count of rows"),
        ("expectations:", "expectations: [", "not valid YAML"),
        ("expect_column_values_to_be_between", "expect_column_sum_to_be_between", "query"),
        ("expect_column_values_to_be_between", "expect_column_to_exist", "contract"),
    ],
)
@pytest.mark.usefixtures("deals")
def test_a_wrong_expectation_file_is_named_with_what_is_known(check, write, old, new, said):
    write("marts__deals", (DEALS % "critical").replace(old, new))
    with pytest.raises(UsageError) as wrong:
        check()
    assert "marts__deals.yml" in str(wrong.value)
    assert said in str(wrong.value)
