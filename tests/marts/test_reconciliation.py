"""The dbt tests that hold credit, money and counts together notice when something is lost."""

import shutil
from pathlib import Path

import pytest
import yaml

from pipeline.settings import Settings
from pipeline.warehouse import open_warehouse

#: What is done to the marts, and the tests that must notice.
DAMAGE = {
    "a credit is lost": (
        "delete from marts.fct_credits where model_name = 'linear' and conversion_id = 'mql:P1:1'",
        {"every_conversion_has_every_model", "credit_shares_sum_to_conversions", "performance_keeps_all_credit"},
    ),
    "a cent is added": (
        "update marts.fct_credits set credited_amount = credited_amount + 0.01 where conversion_id = 'won:O1'",
        {"credited_amounts_equal_the_crm"},
    ),
    "open pipeline turns into revenue": (
        "update marts.fct_credits set amount_kind = 'revenue' where conversion_id = 'opportunity:O2'",
        {"open_pipeline_is_no_revenue", "performance_keeps_all_credit"},
    ),
    "a cost is lost": ("delete from marts.fct_spend where spend_id = 'S3'", {"spend_is_whole"}),
    "wasted spend is lost": (
        "delete from marts.mart_channel_performance where channel = 'display' and model_name = 'linear'",
        {"spend_is_whole"},
    ),
    "a return without spend": (
        "update marts.mart_channel_performance set roi = 0 where spend_amount_reporting = 0",
        {"returns_need_spend"},
    ),
    "a cohort is lost": (
        "delete from marts.fct_funnel_cohort where segment_value = 'unknown'",
        {"funnel_counts_every_unit"},
    ),
    "a line counts the amount of its deal": (
        "update marts.fct_opportunity_lines set amount_reporting = 1000 where opportunity_id = 'O1'",
        {"products_add_up_to_opportunities"},
    ),
    "a closed deal is in no period": (
        "delete from marts.kpi_win_rate where segment_value = 'Webinar'",
        {"kpis_count_every_opportunity"},
    ),
}


@pytest.fixture(scope="module")
def tests(settings: Settings) -> dict[str, str]:
    """The SQL of the reconciling tests, as the night's build compiled them, by name."""
    compiled = settings.home / "dbt_target" / "compiled" / "touchledger" / "tests" / "marts"
    return {path.stem: path.read_text() for path in sorted(compiled.glob("*.sql"))}


@pytest.mark.usefixtures("marts")
@pytest.mark.parametrize(("damage", "noticed_by"), DAMAGE.values(), ids=DAMAGE)
def test_a_loss_is_noticed(settings, tests, tmp_path, damage, noticed_by):
    shutil.copy(settings.warehouse, tmp_path / settings.warehouse.name)
    with open_warehouse(Settings.read({}, home=tmp_path)) as warehouse:
        assert [name for name, sql in tests.items() if warehouse.rows(sql)] == []
        warehouse.execute(damage)
        assert {name for name, sql in tests.items() if warehouse.rows(sql)} == noticed_by


def test_every_reconciling_test_is_seen_to_fail(tests):
    assert set(tests) == set().union(*(noticed_by for _, noticed_by in DAMAGE.values()))


@pytest.mark.usefixtures("marts")
def test_an_amount_may_hold_a_part_of_a_cent(settings, tests, tmp_path):
    """The CRM computed a discount; the ledger gives the fraction to the first touch and sums to the amount exactly."""
    shutil.copy(settings.warehouse, tmp_path / settings.warehouse.name)
    with open_warehouse(Settings.read({}, home=tmp_path)) as warehouse:
        warehouse.execute(
            "update intermediate.int_crm_opportunities set amount = amount + 0.005 where opportunity_id = 'O1'"
        )
        assert warehouse.rows(tests["credited_amounts_equal_the_crm"]) != []
        warehouse.execute(
            """update marts.fct_credits set credited_amount = credited_amount + 0.005
               where opportunity_id = 'O1' and conversion_type in ('opportunity', 'won') and touch_number = 1"""
        )
        assert warehouse.rows(tests["credited_amounts_equal_the_crm"]) == []


@pytest.mark.usefixtures("marts")
def test_the_door_out_holds_credit_to_the_close_months_of_the_crm(settings, tmp_path):
    door = Path(__file__).parents[2] / "expectations" / "marts__close_months_balanced.yml"
    query = yaml.safe_load(door.read_text())["query"]
    shutil.copy(settings.warehouse, tmp_path / settings.warehouse.name)
    with open_warehouse(Settings.read({}, home=tmp_path)) as warehouse:
        assert sorted(warehouse.rows(query)) == [
            (model, kind, 0) for model in ("first_touch", "linear") for kind in ("opportunity", "won")
        ]
        warehouse.execute(DAMAGE["a cent is added"][0])
        assert {row for row in warehouse.rows(query) if row[2]} == {("first_touch", "won", 1), ("linear", "won", 1)}
