"""What sources deliver, in canonical shapes: rules that hold for every CRM, and the Olist funnel's own."""

import pytest

from pipeline.warehouse import Warehouse
from tests.dbt_project.conftest import Mapped

pytestmark = pytest.mark.slow


def test_every_example_comes_out(mapped: Mapped) -> None:
    examples = {name: status for name, status in mapped.results.items() if name.startswith("unit_test.")}
    assert len(examples) >= 6
    assert set(examples.values()) == {"pass"}


def test_the_newest_version_counts_and_deleted_records_are_gone_save_merged_ones(warehouse: Warehouse) -> None:
    rows = warehouse.rows(
        "select account_id, account_name, domain, merged_into_account_id from intermediate.int_crm_accounts"
        " where source_system = 'salesforce' order by account_id"
    )
    assert rows == [("a1", "New name", "a1.example", None), ("a3", "Merged", None, "a1")]


def test_every_olist_lead_is_an_mql_at_the_end_of_its_day_and_never_after_a_win_that_day(warehouse: Warehouse) -> None:
    rows = warehouse.rows(
        "select person_id, stage, cast(entered_at as varchar) from intermediate.int_crm_person_stages order by 1"
    )
    assert rows == [
        ("m1", "mql", "2018-02-01 23:59:59.999999"),
        ("m2", "mql", "2018-02-01 15:00:00"),
        ("m3", "mql", "2018-02-01 23:59:59.999999"),
        ("m4", "mql", "2018-02-10 23:59:59.999999"),
        ("m5", "mql", "2018-02-10 23:59:59.999999"),
    ]


def test_every_olist_deal_is_won_and_none_is_opened_after_its_win(warehouse: Warehouse) -> None:
    rows = warehouse.rows(
        "select opportunity_id, account_id, is_won, amount, currency, cast(created_at as varchar)"
        " from intermediate.int_crm_opportunities order by 1"
    )
    assert [(*row[:3], float(row[3]), *row[4:]) for row in rows] == [
        ("m1", "s1", True, 0.0, "BRL", "2018-02-01 23:59:59.999999"),
        ("m2", "s2", True, 0.0, "BRL", "2018-02-01 15:00:00"),
        ("m4", "s4", True, 0.0, "BRL", "2018-02-08 15:00:00"),
    ]


def test_the_olist_deal_won_before_its_first_contact_is_kept_and_flagged(warehouse: Warehouse) -> None:
    flagged = warehouse.rows("select opportunity_id from staging.crm_olist__opportunities where is_won_before_contact")
    assert flagged == [("m4",)]


def test_blank_and_literal_unknown_origins_stay_apart_and_are_both_other(warehouse: Warehouse) -> None:
    rows = warehouse.rows(
        "select crm_person_id, channel_hint, channel, channel_rule_priority is not null"
        " from intermediate.int_touchpoints_classified where crm_person_id in ('m2', 'm3') order by 1"
    )
    assert rows == [("m2", None, "other", True), ("m3", "unknown", "other", True)]


def test_a_value_that_no_seed_explains_is_listed(warehouse: Warehouse) -> None:
    rows = warehouse.rows("select entity, column_name, value, row_count from intermediate.int_crm_unmapped_values")
    assert rows == [("marketing_qualified_leads", "origin", "skywriting", 1)]


def test_the_same_person_may_be_both_representatives(warehouse: Warehouse) -> None:
    rows = warehouse.rows("select user_id, team from intermediate.int_crm_users order by 1")
    assert rows == [("u1", "Sales development"), ("u2", "Sales"), ("u3", "Sales")]


def test_a_date_only_touch_stands_at_the_start_of_its_day(warehouse: Warehouse) -> None:
    rows = warehouse.rows(
        "select distinct cast(touched_at as varchar), is_date_only from intermediate.int_touchpoints_unioned"
        " where crm_person_id = 'm1'"
    )
    assert rows == [("2018-02-01 00:00:00", True)]
