"""The golden journeys: `tests/golden/*.csv`, a journey in and the shares out, each small enough to check by hand.

A row is a touch (in order) or `unattributed`; `holds` are its milestones beside first and last. Every further column
is a model, optionally with parameters (`w_shaped {policy: equal}`) or declared (`custom {milestones: …}`); its cells
are percents, rounded to two decimals, and an empty column of a case asserts nothing.
"""

import csv
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
import yaml

from pipeline.attribution import attribute_warehouse
from pipeline.warehouse.on_duckdb import DuckDBWarehouse
from tests.attribution.journeys import NIGHT, Journey, Touch, load

FILES = sorted((Path(__file__).parents[1] / "golden").glob("*.csv"))
ABOUT_THE_JOURNEY = ["case", "conversion_type", "touch", "channel", "days", "holds", "buying_role"]


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def columns() -> list[Any]:
    return [
        pytest.param(path, column, id=f"{path.stem}: {column}")
        for path in FILES
        for column in list(rows_of(path)[0])[len(ABOUT_THE_JOURNEY) :]
    ]


def journeys(path: Path) -> list[Journey]:
    cases: dict[str, list[Touch]] = defaultdict(list)
    types = {}
    for row in rows_of(path):
        types[row["case"]] = row["conversion_type"]
        touches = cases[row["case"]]
        if row["touch"] != "unattributed":
            holds = row["holds"].split()
            role = row["buying_role"] or None
            touches.append(Touch(row["touch"], row["channel"], float(row["days"]), holds, buying_role=role))
    return [Journey(case, touches, types[case]) for case, touches in cases.items()]


def rules(column: str) -> tuple[str, dict[str, Any]]:
    name, _, said = column.partition(" ")
    values = yaml.safe_load(said) if said else {}
    if values.keys() & {"milestones", "weight", "blend"}:
        return name, {"enabled_models": [], "custom_models": {name: values}}
    return name, {"enabled_models": [name], "model_parameters": {name: values}}


@pytest.mark.parametrize(("path", "column"), columns())
def test_shares_are_those_of_the_golden_file(path: Path, column: str):
    model, said = rules(column)
    with DuckDBWarehouse.in_memory() as warehouse:
        load(warehouse, journeys(path))
        attribute_warehouse(warehouse, said, NIGHT, "golden")
        found = {
            (conversion_id.partition(":")[2], touch or "unattributed"): round(100 * share, 2)
            for conversion_id, touch, share in warehouse.rows(
                "select conversion_id, touch_id, credit_share from attribution.current_credits where model_name = ?",
                [model],
            )
        }
    expected = {
        (row["case"], row["touch"]): float(row[column])
        for row in rows_of(path)
        if row[column] and (row["touch"] != "unattributed" or float(row[column]))
    }
    asserted = {case for case, _ in expected}
    nonzero = {key: share for key, share in found.items() if key[0] in asserted and share}
    assert nonzero == {key: share for key, share in expected.items() if share}
    assert {case for case, _ in found} == {row["case"] for row in rows_of(path)}, "a conversion is missing"


def test_the_golden_files_assert_something():
    assert len(FILES) >= 5
    assert all(
        any(row[name] for name in list(row)[len(ABOUT_THE_JOURNEY) :]) for path in FILES for row in rows_of(path)
    )
