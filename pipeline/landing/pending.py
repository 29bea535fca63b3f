"""What the next ingest would read, without reading it."""

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from typing import Any

from pipeline.landing.discovery import discover
from pipeline.landing.ingest import unread
from pipeline.settings import Settings
from pipeline.sources import enabled_sources
from pipeline.warehouse import Warehouse, open_warehouse


def pending(settings: Settings, rules: Mapping[str, Any], business_date: date) -> list[str]:
    """One line a source: the files that a run for `business_date` would read. Changes nothing."""
    lines = []
    with _ledger(settings) as warehouse:
        for source in enabled_sources(rules):
            found = discover(settings.landing, source, business_date)
            files = [file for file, _ in unread(warehouse, source, found.files)] if warehouse else found.files
            counts = Counter(file.entity for file in files)
            shown = ", ".join(f"{entity} {count}" for entity, count in sorted(counts.items())) or "nothing new"
            size = sum(file.size_bytes for file in files) / 1e6
            lines.append(f"{source.name}: {shown}" + (f" ({len(files)} files, {size:,.1f} MB)" if files else ""))
    return lines


@contextmanager
def _ledger(settings: Settings) -> Iterator[Warehouse | None]:
    """The warehouse, read-only, when there is one that has loaded something."""
    if not settings.warehouse.exists():
        yield None
        return
    with open_warehouse(settings, read_only=True) as warehouse:
        yield warehouse if warehouse.exists("ops.load_ledger") else None
