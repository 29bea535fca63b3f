"""The recipe `docs/cookbook/add_a_model.md`, followed: one file, found in credits, laws, golden journeys and docs."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.attribution import attribute_file, attribute_warehouse, enabled_models, models, reference
from pipeline.warehouse.on_duckdb import DuckDBWarehouse
from tests.attribution.journeys import NIGHT, Journey, Touch, load
from tests.attribution.test_golden import test_shares_are_those_of_the_golden_file as check_golden

ROOT = Path(__file__).parents[2]
RECIPE = (ROOT / "docs/cookbook/add_a_model.md").read_text(encoding="utf-8")
NAME = "late_half"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of models beside the package's own, with the file of the recipe in it."""
    (code,) = re.findall(r"```python\n(.*?)```", RECIPE, re.DOTALL)
    (tmp_path / f"{NAME}.py").write_text(code, encoding="utf-8")
    monkeypatch.setattr(models, "__path__", [*models.__path__, str(tmp_path)])
    yield tmp_path
    sys.modules.pop(f"{models.__name__}.{NAME}", None)


def test_it_is_found_in_credits(folder: Path, warehouse: DuckDBWarehouse):
    touches = [Touch("a", days=9), Touch("b", days=5), Touch("c", days=3), Touch("d", days=1)]
    load(warehouse, [Journey("deal", touches)])
    attribute_warehouse(warehouse, {"enabled_models": ["linear"]}, NIGHT, "before")
    parameters = {NAME: {"early_part": 0.25}}
    rules = {"enabled_models": ["linear", NAME], "model_parameters": parameters}
    report = attribute_warehouse(warehouse, rules, NIGHT, "after")
    assert report.computed == {"linear": 0, NAME: 1}
    assert warehouse.rows(
        "select touch_id, credit_share from attribution.current_credits where model_name = ? order by 1", [NAME]
    ) == [("a", 0.1), ("b", 0.1), ("c", 0.4), ("d", 0.4)]


def test_it_is_found_on_its_own(folder: Path):
    given = folder / "journeys.csv"
    given.write_text("journey_id,touch_number,channel,converted\nj,1,a,1\nj,2,b,1\n", encoding="utf-8")
    override = f"{NAME}.early_part=0.5"
    report = attribute_file(journeys=given, models=NAME, overrides=[override], out=folder / "credits.csv")
    assert report.models == [NAME]


def test_it_is_found_by_the_laws_unasked(folder: Path):
    (folder / "with_the_folder.py").write_text(
        f"from pipeline.attribution import models\nmodels.__path__.append({str(folder)!r})\n", encoding="utf-8"
    )
    path = os.pathsep.join([str(folder), str(ROOT)])
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "tests/laws/test_models.py", "-k", NAME, "-p", "with_the_folder"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    passed = re.search(r"(\d+) passed", ran.stdout) or re.search(r"^(\.+) ", ran.stdout, re.MULTILINE)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert passed, ran.stdout


def test_it_may_have_a_golden_column(folder: Path):
    golden = folder / "late_half.csv"
    golden.write_text(
        f"case,conversion_type,touch,channel,days,holds,buying_role,{NAME}\n"
        "two,won,a,email,9,,,9.09\ntwo,won,b,email,1,,,90.91\n",
        encoding="utf-8",
    )
    check_golden(golden, NAME)


def test_it_is_found_by_the_reference_page(folder: Path):
    assert f"| `{NAME}` | the later half of the touches alike" in reference.tables()


def test_the_models_declared_in_the_recipe_can_be_declared():
    import yaml

    for block in re.findall(r"```yaml\n(custom_models:.*?)```", RECIPE, re.DOTALL):
        assert [model.name for model in enabled_models({"enabled_models": [], **yaml.safe_load(block)})] == [
            "mql_heavy", "slow_decay", "half_and_half",
        ]  # fmt: skip


def test_the_reference_page_is_what_the_models_say():
    page = reference.PAGE.read_text(encoding="utf-8")
    assert page == reference.page(page), "run: python -m pipeline.attribution.reference --write"
