import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline.attribution import FileReport, attribute_file
from pipeline.warehouse.on_duckdb import DuckDBWarehouse


@pytest.fixture
def warehouse() -> Iterator[DuckDBWarehouse]:
    with DuckDBWarehouse.in_memory() as opened:
        yield opened


class Run:
    """A folder with one file in it, and what came of it."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.out = folder, folder / "out.csv"

    def __call__(self, content: str | bytes, models: str = "all", *, what: str = "journeys", **more: Any) -> FileReport:
        given = self.folder / f"{what}.csv"
        given.write_bytes(content.encode() if isinstance(content, str) else content)
        return attribute_file(**{what: given}, models=models, out=self.out, **more)

    def rows(self, name: str = "out.csv") -> list[dict[str, str]]:
        with (self.folder / name).open(newline="", encoding="utf-8") as file:
            return list(csv.DictReader(file))

    def shares(self, model: str) -> list[float]:
        return [round(float(row["credit_share"]), 4) for row in self.rows() if row["model_name"] == model]

    def channels(self, model: str) -> dict[str, float]:
        rows = self.rows("out_channels.csv")
        return {row["channel"]: round(float(row["conversions"]), 4) for row in rows if row["model_name"] == model}


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return Run(tmp_path)
