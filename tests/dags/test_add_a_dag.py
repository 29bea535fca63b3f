"""The recipe for a DAG, followed: its file is written beside the others, parsed and run by Airflow."""

import re
import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from tests.dags.conftest import DAGS

RECIPE = DAGS.parent / "docs" / "cookbook" / "add_a_dag.md"
FILE = re.compile(r"^```python dags/(\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def test_the_recipe_gives_a_dag_that_knows_the_night(airflow_database: None, tmp_path: Path) -> None:
    from airflow.dag_processing.dagbag import BundleDagBag

    folder = tmp_path / "dags"
    shutil.copytree(DAGS, folder, ignore=shutil.ignore_patterns("__pycache__"))
    [(name, text)] = FILE.findall(RECIPE.read_text())
    (folder / name).write_text(text)

    bag = BundleDagBag(dag_folder=folder, bundle_path=folder, bundle_name="recipe")
    assert bag.import_errors == {}
    dag = bag.dags["announcement_nightly"]
    assert "3 a.m." in dag.doc_md
    assert [asset.name for asset in dag.timetable.asset_condition.objects] == ["marts"]

    announce: Any = dag.task_dict["announce"].python_callable
    [marts] = dag.timetable.asset_condition.objects
    events = {marts: [SimpleNamespace(extra={"business_date": "2026-06-30"})]}
    assert announce(triggering_asset_events=events) == ["2026-06-30"]
