"""What nights freeze: rows are added, and none is rewritten once a later night is there."""

import pytest

from pipeline.warehouse.base import Warehouse
from tests.marts.conftest import Later

pytestmark = pytest.mark.slow


def test_a_snapshot_is_written_by_its_night_and_never_after(marts: Warehouse, july: Later, june_again: Later) -> None:
    amounts = (
        "select cast(snapshot_date as varchar), opportunity_id, cast(amount as integer)"
        " from history.pipeline_snapshots order by 1"
    )
    assert marts.rows(amounts) == [("2026-06-30", "O2", 500)]
    assert july.rows(amounts) == [("2026-06-30", "O2", 500), ("2026-07-01", "O2", 600)]
    assert june_again.rows(amounts) == [("2026-06-30", "O2", 500), ("2026-07-01", "O2", 700)]
    meanings = "select cast(seen_date as varchar), definitions from history.stage_definitions where definition_type"
    assert june_again.rows(f"{meanings} = 'lead_status_stages' order by 1") == [
        ("2026-06-30", "crm Qualified mql"),
        ("2026-07-01", "crm Qualified sal"),
    ]


def test_a_lead_s_match_keeps_its_rule_and_evidence(marts) -> None:
    assert marts.rows(
        """select person_id, account_id, account_rule, account_evidence, is_overridden
           from marts.mart_lead_account_matches"""
    ) == [("P3", "A2", "email_domain", "beta.test", False)]


def test_a_criterion_is_told_with_its_date_and_field(marts) -> None:
    assert marts.rows(
        "select person_id, criterion, cast(qualified_date as varchar), source_field from marts.fct_lead_qualifications"
    ) == [("P1", "budget", "2026-01-20", "BudgetDate")]


def test_pipeline_sourced_by_marketing(marts) -> None:
    # O1 of 1,000 and O2 of 600 began with an ad; nothing is known of the touches before O3, of 300.
    assert marts.rows(
        """select kpi, numerator, denominator, n from marts.kpi_marketing_pipeline
           where period_grain = 'all_time' and segment_type = 'overall' order by 1"""
    ) == [
        ("marketing_influenced_pipeline_share", 1600, 1900, 3),
        ("marketing_sourced_pipeline_share", 1600, 1900, 3),
    ]
