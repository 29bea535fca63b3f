"""The recipe for a KPI, followed in a copy of the dbt project over the small company."""

import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline import dbt
from pipeline.progress import Progress
from pipeline.settings import PROJECT_DIR, Settings, business_rules
from pipeline.warehouse import open_warehouse

from .conftest import RULES

BLOCK = re.compile(r"^```\w+ (\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.mark.slow
def test_a_kpi_is_added_by_its_recipe(settings: Settings, tmp_path: Path):
    shutil.copytree(PROJECT_DIR / "dbt_project", tmp_path / "dbt_project", ignore=shutil.ignore_patterns("target"))
    written = BLOCK.findall((PROJECT_DIR / "docs/cookbook/add_a_kpi.md").read_text())
    assert len(written) == 2
    for path, text in written:
        (tmp_path / path).write_text(text)
    shutil.copy(settings.warehouse, tmp_path / "warehouse.duckdb")
    own = replace(
        settings,
        dbt_project=tmp_path / "dbt_project",
        home=tmp_path,
        logs=tmp_path / "logs",
        warehouse=tmp_path / "warehouse.duckdb",
    )
    dbt.run(own, business_rules(own, RULES), ["build", "--select", "kpi_average_won_amount"], Progress())
    with open_warehouse(own, read_only=True) as warehouse:
        value, amount, count = warehouse.rows(
            """select value, numerator, denominator from marts.kpi_average_won_amount
            where segment_type = 'overall' and period_grain = 'all_time'"""
        )[0]
        won = warehouse.rows(
            "select sum(amount_reporting), count(*) from marts.fct_opportunities where opportunity_status = 'won'"
        )[0]
    assert count > 0
    assert (amount, count) == (float(won[0]), won[1])
    assert value == pytest.approx(amount / count)
