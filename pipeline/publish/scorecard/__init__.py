"""The scorecard: one HTML file that says what was published, readable without a server or a network."""

from datetime import date
from pathlib import Path
from typing import Any

from pipeline.warehouse import Warehouse


def write(warehouse: Warehouse, path: Path, business_date: date, rules: dict[str, Any]) -> None:
    """Write the scorecard of the marts to `path`."""
    path.write_text(f"<!doctype html><title>{business_date}</title>", encoding="utf-8")
