"""The dbt project's files fit together: what is written once in a list has its file, and the other way round."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from pipeline.settings import PROJECT_DIR
from pipeline.sources import all_sources

DBT = PROJECT_DIR / "dbt_project"
MODELS = DBT / "models"
RULES = yaml.safe_load((DBT / "dbt_project.yml").read_text())["vars"]
CRM_SHAPES = sorted(path.stem.removeprefix("int_crm_") for path in MODELS.glob("intermediate/crm/int_crm_*.sql"))


def names(pattern: str, prefix: str) -> list[str]:
    return sorted(path.stem.removeprefix(prefix) for path in MODELS.glob(pattern))


@pytest.mark.parametrize(
    ("var", "prefix"),
    [
        ("touchpoints", "tp_"),
        ("spend", "sp_"),
        ("exchange_rates", "xr_"),
        ("subscriptions", "sb_"),
        ("surveys", "sw_"),
        ("surveys", "sa_"),
        ("experiments", "ex_"),
    ],
)
def test_every_model_of_a_family_is_in_its_var(var: str, prefix: str) -> None:
    assert sorted(RULES[var]) == names(f"touchpoints/{prefix}*.sql", prefix)


def test_every_crm_source_is_in_var_crms_and_the_other_way_round() -> None:
    assert sorted(RULES["crms"]) == sorted(name for name, source in all_sources().items() if source.kind == "crm")


@pytest.mark.parametrize("crm", RULES["crms"])
def test_a_crm_has_a_model_for_every_shape(crm: str) -> None:
    assert names(f"staging/{crm}/crm_{crm}__*.sql", f"crm_{crm}__") == CRM_SHAPES


@pytest.mark.parametrize("source", sorted(all_sources()))
def test_every_entity_of_a_source_has_a_staging_model(source: str) -> None:
    delivered = sorted(entity.name for entity in all_sources()[source].entities)
    assert names(f"staging/{source}/stg_{source}__*.sql", f"stg_{source}__") == delivered


def source_models() -> Iterator[tuple[str, Path]]:
    for path in sorted(MODELS.glob("staging/*/*.sql")):
        yield path.parent.name, path
    for path in sorted(MODELS.glob("touchpoints/*.sql")):
        if not path.stem.startswith("int_"):
            yield path.stem.split("_", 1)[1].split("__")[0], path


@pytest.mark.parametrize(("source", "path"), [pytest.param(s, p, id=p.stem) for s, p in source_models()])
def test_a_model_of_a_source_is_off_when_the_source_is(source: str, path: Path) -> None:
    assert path.read_text().startswith(f'{{{{ config(enabled=source_enabled("{source}")) }}}}\n')


def test_only_staging_reads_sources() -> None:
    readers = [path for path in MODELS.rglob("*.sql") if "latest_version(" in path.read_text()]
    assert {path.relative_to(MODELS).parts[0] for path in readers} == {"staging"}


def test_no_model_asks_which_engine_it_is_on() -> None:
    assert not [path.name for path in MODELS.rglob("*.sql") if re.search(r"target\s*\.", path.read_text())]


def described() -> dict[str, dict]:
    files = [yaml.safe_load(path.read_text()) for path in MODELS.rglob("*.yml")]
    return {model["name"]: model for content in files for model in content.get("models", [])}


def test_every_model_says_what_one_row_is_and_describes_its_columns() -> None:
    known, missing = described(), []
    for path in sorted(MODELS.rglob("*.sql")):
        model = known.get(path.stem, {})
        columns = model.get("columns", [])
        if not model.get("description", "").startswith("One row per ") or not columns:
            missing.append(path.stem)
        missing += [f"{path.stem}.{column['name']}" for column in columns if not column.get("description")]
    assert not missing


def test_the_reference_names_every_kpi_mart_and_no_other() -> None:
    page = (PROJECT_DIR / "docs/reference/kpis.md").read_text()
    marts = {path.stem for path in MODELS.glob("marts/kpis/kpi_*.sql")}
    assert len(marts) >= 30
    assert set(re.findall(r"`(kpi_\w+)`", page)) == marts
