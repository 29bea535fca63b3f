"""Which rows of a raw table are looked at on which night."""

from datetime import date

import pytest

from pipeline.errors import GateError

LEADS = """
    table: raw.salesforce__leads
    expectations:
      - {type: expect_column_values_to_not_be_null, kwargs: {column: company}, severity: critical, why: Needed.}
"""


@pytest.fixture
def deliver(warehouse):
    warehouse.execute(
        "CREATE TABLE raw.salesforce__leads (id VARCHAR, company VARCHAR, system_modstamp TIMESTAMP, "
        "is_deleted BOOLEAN, _effective_date DATE)"
    )

    def delivering(day: int, *rows: tuple[str, str | None, int], deleted: bool = False) -> None:
        for key, company, version in rows:
            warehouse.execute(
                "INSERT INTO raw.salesforce__leads VALUES (?, ?, TIMESTAMP '2026-01-01' + to_days(?), ?, ?)",
                [key, company, version, deleted, date(2026, 6, day)],
            )

    return delivering


@pytest.fixture
def counted(check):
    """How many rows the door in looked at on a night; the door's report with it."""

    def counting(day: int, **options: object):
        report = check("raw", date(2026, 6, day), f"run-{day}", **options)
        return report.results[0].element_count, report

    return counting


def test_the_first_night_checks_everything_and_later_ones_what_is_new(write, deliver, counted):
    write("raw__salesforce__leads", LEADS)
    deliver(1, ("a", "A", 1), ("b", "B", 1))
    deliver(2, ("c", "C", 1))
    deliver(4, ("d", "D", 1))
    assert counted(2)[0] == 3
    assert counted(3)[0] == 0
    assert counted(4)[0] == 1
    assert counted(4)[0] == 1, "the same night again looks at the same rows"


def test_a_night_that_failed_is_looked_at_again_until_it_is_corrected(write, deliver, counted):
    write("raw__salesforce__leads", LEADS)
    deliver(1, ("a", "A", 1), ("b", None, 1))
    deliver(2, ("c", "C", 1))
    with pytest.raises(GateError):
        counted(1)[1].raise_for_gate()
    with pytest.raises(GateError):
        counted(2)[1].raise_for_gate()
    deliver(3, ("b", "B", 2))
    seen, report = counted(3)
    report.raise_for_gate()
    assert seen == 3


def test_deleted_records_are_not_checked(write, deliver, counted):
    write("raw__salesforce__leads", LEADS)
    deliver(1, ("a", "A", 1))
    deliver(1, ("b", None, 1), deleted=True)
    assert counted(1)[0] == 1


def test_a_table_of_a_source_that_is_not_enabled_is_skipped(write, check):
    write("raw__salesforce__leads", LEADS)
    report = check("raw")
    assert report.results == ()
    assert report.skipped == ("raw.salesforce__leads",)


def test_a_very_large_delta_is_sampled_by_whole_keys_and_says_so(write, deliver, counted, warehouse):
    duplicates = "{type: expect_column_values_to_be_unique, kwargs: {column: id}, severity: warning, why: x}"
    counts = "{type: expect_table_row_count_to_equal, kwargs: {value: 2000}, severity: critical, why: x}"
    write("raw__salesforce__leads", LEADS + f"      - {duplicates}\n      - {counts}\n")
    warehouse.execute(
        "INSERT INTO raw.salesforce__leads SELECT CAST(i % 1000 AS VARCHAR), 'A', TIMESTAMP '2026-01-01', FALSE, "
        "DATE '2026-06-01' FROM range(2000) t(i)"
    )
    seen, report = counted(1, row_limit=200)
    assert 100 < seen < 300
    assert "out of 2,000 rows" in report.results[0].message
    assert report.results[1].unexpected_count == seen, "both rows of every sampled key are seen"
    assert report.results[2].status == "success", "the row count is the table's, not the sample's"
