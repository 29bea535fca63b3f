"""The dbt tests that hold credit, money and counts together fail when something is lost."""

import json
import shutil

import pytest

from pipeline import dbt
from pipeline.errors import StepError
from pipeline.progress import Progress
from pipeline.settings import Settings, business_rules
from pipeline.warehouse import open_warehouse

BUSINESS_RULES = {"business_date": "2026-06-30", "enabled_models": ["first_touch", "linear"]}

#: What is done to the marts, and the tests that must notice.
DAMAGE = {
    "delete from marts.fct_credits where model_name = 'linear' and conversion_id = 'mql:P1:1'": {
        "every_conversion_has_every_model",
        "credit_shares_sum_to_conversions",
        "performance_keeps_all_credit",
    },
    "update marts.fct_credits set credited_amount = credited_amount + 0.01 where conversion_id = 'won:O1'": {
        "credited_amounts_equal_the_crm",
    },
    "update marts.fct_credits set amount_kind = 'revenue' where conversion_id = 'opportunity:O2'": {
        "open_pipeline_is_no_revenue",
    },
    "delete from marts.fct_spend where spend_id = 'S3'": {"spend_is_whole"},
    "update marts.mart_channel_performance set roi = 0 where spend_amount_reporting = 0": {"returns_need_spend"},
    "delete from marts.fct_funnel_cohort where segment_value = 'unknown'": {"funnel_counts_every_unit"},
    "delete from marts.kpi_win_rate where segment_value = 'Webinar'": {"kpis_count_every_opportunity"},
}


@pytest.mark.usefixtures("marts")
def test_every_loss_is_noticed(settings, tmp_path):
    shutil.copytree(settings.home, tmp_path / "var")
    damaged = Settings.read({}, home=tmp_path / "var", memory_limit="1GB", threads=2)
    with open_warehouse(damaged) as warehouse:
        for damage in DAMAGE:
            warehouse.execute(damage)
    with pytest.raises(StepError, match="failed"):
        dbt.run(damaged, business_rules(damaged, BUSINESS_RULES), ["test", "--select", "path:tests/marts"], Progress())
    results = json.loads((damaged.home / "dbt_target" / "run_results.json").read_text())["results"]
    failed = {result["unique_id"].split(".")[2] for result in results if result["status"] == "fail"}
    assert failed == set().union(*DAMAGE.values())
    assert {result["unique_id"].split(".")[2] for result in results} == failed
