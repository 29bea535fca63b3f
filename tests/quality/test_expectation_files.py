"""The expectation files that ship: well formed, and every raw table and column they name is in a contract."""

import re
from datetime import date
from pathlib import Path

import pytest
import yaml

from pipeline.quality import gx, validate
from pipeline.quality.files import expectation_files
from pipeline.settings import PROJECT_DIR, Settings
from pipeline.sources import all_sources
from pipeline.sources.contract import raw_table
from pipeline.warehouse.on_duckdb import DuckDBWarehouse, identifier

NIGHT = date(2026, 6, 30)
FOLDER = PROJECT_DIR / "expectations"


@pytest.mark.parametrize("door", ["raw", "marts"])
def test_every_file_names_known_checks(door):
    files = expectation_files(FOLDER, door)
    assert files
    for file in files:
        gx.check_names(file, NIGHT)


def test_every_raw_check_can_be_computed_on_the_contracts_tables(tmp_path):
    """One row of plausible nulls a table: a name or a query that does not fit its table is an error."""
    with DuckDBWarehouse.in_memory() as warehouse:
        warehouse.execute("CREATE SCHEMA raw")
        for source in all_sources().values():
            for entity in source.entities:
                columns = ", ".join(f"{identifier(column.name)} {column.sql_type}" for column in entity.columns)
                warehouse.execute(
                    f"CREATE TABLE {raw_table(source, entity)} ({columns}, _row_hash VARCHAR, _effective_date DATE)"
                )
                warehouse.execute(f"INSERT INTO {raw_table(source, entity)} (_effective_date) VALUES (DATE '{NIGHT}')")
        report = validate(warehouse, "raw", Settings.read({}, home=tmp_path), NIGHT, "run")
    assert report.skipped == ()
    not_there = [r.sentence() for r in report.having("error") if "nothing to measure" not in r.message]
    assert not_there == []


def contract_tables(folder: Path) -> dict[str, str]:
    """The models of a dbt folder that have a contract, with their columns as SQL."""
    return {
        model["name"]: ", ".join(
            f"{identifier(column['name'])} {column['data_type'].replace('string', 'varchar')}"
            for column in model["columns"]
        )
        for path in sorted(folder.rglob("*.yml"))
        for model in yaml.safe_load(path.read_text(encoding="utf-8")).get("models", [])
        if model.get("config", {}).get("contract", {}).get("enforced")
    }


def test_every_mart_check_can_be_computed_on_the_marts_contracts(tmp_path):
    models = PROJECT_DIR / "dbt_project" / "models"
    with DuckDBWarehouse.in_memory() as warehouse:
        for schema in ("journeys", "marts"):
            warehouse.execute(f"CREATE SCHEMA {schema}")
            for name, columns in contract_tables(models / schema).items():
                warehouse.execute(f"CREATE TABLE {schema}.{name} ({columns})")
                warehouse.execute(f"INSERT INTO {schema}.{name} DEFAULT VALUES")
        report = validate(warehouse, "marts", Settings.read({}, home=tmp_path), NIGHT, "run")
    assert [r.sentence() for r in report.having("error") if "nothing to measure" not in r.message] == []


def test_the_cookbooks_examples_are_expectation_files(tmp_path):
    recipe = (PROJECT_DIR / "docs" / "cookbook" / "add_a_check.md").read_text(encoding="utf-8")
    examples = re.findall(r"```yaml\n(.*?)```", recipe, re.S)
    for example in examples:
        table = yaml.safe_load(example)["table"]
        (tmp_path / f"{table.replace('.', '__', 1)}.yml").write_text(example, encoding="utf-8")
    files = [file for door in ("raw", "marts") for file in expectation_files(tmp_path, door)]
    assert len(files) == len(examples) == 2
    for file in files:
        gx.check_names(file, NIGHT)
