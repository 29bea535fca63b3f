"""What a reader of the public marts may rely on: contracts, keys, owners, and that somebody reads each of them."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from pipeline.settings import PROJECT_DIR

MODELS = PROJECT_DIR / "dbt_project" / "models"
FILES: dict[Path, dict[str, Any]] = {path: yaml.safe_load(path.read_text()) for path in sorted(MODELS.rglob("*.yml"))}
PUBLIC = {
    model["name"]: model
    for content in FILES.values()
    for model in content.get("models", [])
    if model.get("config", {}).get("access") == "public"
}
GROUPS = {group["name"] for content in FILES.values() for group in content.get("groups", [])}
EXPOSURES = [exposure for content in FILES.values() for exposure in content.get("exposures", [])]
KPI_KEY = ["kpi", "period_start", "period_grain", "segment_type", "segment_value", "value_kind"]


def key(model: dict[str, Any]) -> list[str]:
    """The columns that the model's own tests say are there once; nothing where no test does."""
    for test in model.get("data_tests", []):
        if test == "kpi_rows":
            return KPI_KEY
        if "unique_combination" in test:
            return test["unique_combination"]["arguments"]["columns"]
    return [column["name"] for column in model["columns"] if "unique" in column.get("data_tests", [])]


def is_never_null(column: dict[str, Any]) -> bool:
    return {"type": "not_null"} in column.get("constraints", []) or "not_null" in column.get("data_tests", [])


def test_all_that_lies_in_marts_is_public_or_says_otherwise() -> None:
    assert len(PUBLIC) >= 80
    others = {path.stem for path in (MODELS / "marts").rglob("*.sql")} - set(PUBLIC)
    assert {name for name in others if name.split("_")[0] in ("dim", "fct", "kpi", "mart")} == set()


@pytest.mark.parametrize("name", sorted(PUBLIC))
def test_a_public_mart_has_a_contract_a_group_and_a_key_that_is_never_null(name: str) -> None:
    model = PUBLIC[name]
    assert model["config"]["contract"] == {"enforced": True}
    assert model["config"]["group"] in GROUPS
    columns = {column["name"]: column for column in model["columns"]}
    assert [column for column, said in columns.items() if not said.get("description", "").strip()] == []
    assert key(model), f"{name}: no unique, unique_combination or kpi_rows test says what one row is"
    nullable = [column for column in key(model) if not is_never_null(columns[column])]
    unsaid = [column for column in nullable if "null" not in columns[column]["description"]]
    assert not unsaid, f"{name}: give {unsaid} `constraints: [{{type: not_null}}]`, or say when it is null"


def readers() -> dict[str, list[str]]:
    """Models that exposures name, with the exposures."""
    found: dict[str, list[str]] = {}
    for exposure in EXPOSURES:
        for name in re.findall(r"ref\('(\w+)'\)", " ".join(exposure["depends_on"])):
            found.setdefault(name, []).append(exposure["name"])
    return found


def test_every_public_mart_has_a_reader_and_readers_read_public_marts_only() -> None:
    unread = sorted(set(PUBLIC) - set(readers()))
    assert not unread, f"no file of models/marts/exposures says who reads {unread}"
    assert sorted(set(readers()) - set(PUBLIC)) == []


def test_a_reader_says_who_it_is_and_when_it_reads() -> None:
    assert EXPOSURES
    silent = [one["name"] for one in EXPOSURES if "Read by" not in one["description"] or not one["owner"].get("email")]
    assert silent == []


def test_every_kpi_has_an_example_that_can_be_checked_by_hand() -> None:
    kpis = {name for name in PUBLIC if name.startswith("kpi_")}
    tests = [test for content in FILES.values() for test in content.get("unit_tests", []) if test["model"] in kpis]
    assert [test["name"] for test in tests if len(test.get("description", "")) < 20] == [], "say the sum in words"
    assert sorted(kpis - {test["model"] for test in tests}) == []
