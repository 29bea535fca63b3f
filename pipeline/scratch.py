"""One dbt model built against the published marts, in a file of its own: the night's file is neither read nor written.

dbt looks for everything else in the publication (`--defer`), where a manifest of target `published` says it is.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pipeline import dbt
from pipeline.errors import UsageError, unknown_name
from pipeline.progress import Progress
from pipeline.publish import current_manifest
from pipeline.settings import Settings
from pipeline.warehouse import lock, open_warehouse


@dataclass(frozen=True)
class Built:
    """What became of a model: its table in the scratch file, the first rows, and the tests that passed."""

    path: Path
    table: str
    columns: list[str]
    rows: list[tuple[Any, ...]]
    row_count: int
    test_count: int


def build(settings: Settings, rules: Mapping[str, Any], model: str, progress: Progress, rows_shown: int = 10) -> Built:
    """Build `model` with its tests and unit tests as of the published business date.

    Raises `UsageError` when nothing is published or no such model lies in `models/marts`, `StepError` with dbt's first
    failures otherwise: among them a model that refers to what is not published.
    """
    manifest = current_manifest(settings.published)
    if manifest is None:
        raise UsageError(f"nothing is published in {settings.published}: run a night first, or name another --home")
    models = {path.stem for path in (settings.dbt_project / "models" / "marts").rglob("*.sql")}
    if model not in models:
        raise unknown_name("model of dbt_project/models/marts", model, models)
    own = _beside(settings, settings.home / "scratch")
    published = _beside(settings, own.home / "published")
    own.home.mkdir(parents=True, exist_ok=True)
    dated = {**rules, "business_date": manifest["business_date"]}
    with lock.writing(own.warehouse, f"scratch {model}"):
        progress.phase("dbt: parse")
        dbt.run(replace(published, target="published"), dated, ["parse"], progress)
        progress.phase(f"dbt: {model}")
        arguments = ["--select", model, "--defer", "--favor-state", "--state", str(published.home / "dbt_target")]
        results = dbt.run(replace(own, target="scratch"), dated, ["build", *arguments], progress)
    with open_warehouse(own, read_only=True) as warehouse:
        table = f"marts.{model}"
        columns = [name for (name, *_) in warehouse.rows(f"DESCRIBE {table}")]
        return Built(
            path=own.warehouse,
            table=table,
            columns=columns,
            rows=warehouse.rows(f"SELECT * FROM {table} LIMIT {rows_shown}"),
            row_count=warehouse.value(f"SELECT count(*) FROM {table}"),
            test_count=sum(result["unique_id"].startswith(("test.", "unit_test.")) for result in results),
        )


def _beside(settings: Settings, home: Path) -> Settings:
    return replace(settings, home=home, warehouse=home / "scratch.duckdb", logs=home / "logs", temp=home / "temp")
