"""A warehouse in memory and a folder of expectation files that a test writes itself."""

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from textwrap import dedent

import pytest

from pipeline.quality import ValidationReport, validate
from pipeline.settings import Settings
from pipeline.warehouse.on_duckdb import DuckDBWarehouse

NIGHT = date(2026, 6, 30)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    folder = tmp_path / "expectations"
    folder.mkdir()
    return Settings.read({}, home=tmp_path / "var", expectations=folder)


@pytest.fixture
def warehouse() -> Iterator[DuckDBWarehouse]:
    with DuckDBWarehouse.in_memory() as opened:
        opened.execute("CREATE SCHEMA raw")
        opened.execute("CREATE SCHEMA marts")
        yield opened


@pytest.fixture
def write(settings: Settings) -> Callable[[str, str], Path]:
    """Write an expectation file by its name."""

    def writing(name: str, text: str) -> Path:
        path = settings.expectations / f"{name}.yml"
        path.write_text(dedent(text))
        return path

    return writing


@pytest.fixture
def check(warehouse: DuckDBWarehouse, settings: Settings) -> Callable[..., ValidationReport]:
    """Validate a door for a night."""

    def checking(door: str = "marts", night: date = NIGHT, run_id: str = "run", **options: object) -> ValidationReport:
        return validate(warehouse, door, settings, night, run_id, **options)

    return checking
