"""The hand-checkable examples beside the marts, run by dbt."""

import shutil
from dataclasses import replace
from pathlib import Path

from pipeline import dbt
from pipeline.progress import Progress
from pipeline.settings import Settings, business_rules
from tests.marts.conftest import RULES


def test_every_example_of_a_mart_comes_out(settings: Settings, tmp_path: Path) -> None:
    """In a copy: dbt opens its warehouse to write, and other tests read the company's meanwhile."""
    own = replace(settings, home=tmp_path, logs=tmp_path / "logs", warehouse=tmp_path / "warehouse.duckdb")
    shutil.copy(settings.warehouse, own.warehouse)
    selection = ["--select", "path:models/marts,test_type:unit"]
    results = dbt.run(own, business_rules(own, RULES), ["test", *selection], Progress())
    assert len(results) >= 32
    assert {result["status"] for result in results} == {"pass"}
