"""How fresh what is delivered is, by the clock: `dbt source freshness` over the load ledger, as a table."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pipeline import dbt
from pipeline.errors import UsageError
from pipeline.progress import Progress
from pipeline.settings import Settings
from pipeline.sources import all_sources
from pipeline.warehouse import lock

#: dbt's word for how a table compares with its limits, and ours.
STATUSES = {"pass": "fresh", "warn": "late", "error": "stale"}


@dataclass(frozen=True)
class Age:
    """How long ago an entity was delivered, and after how many hours it is late and stale.

    `delivered_at` (UTC) and `hours` are None for what never was.
    """

    source: str
    entity: str
    delivered_at: str | None
    hours: float | None
    late_after_hours: int
    stale_after_hours: int
    status: str

    def row(self) -> tuple[Any, ...]:
        """The cells of a table."""
        hours = "-" if self.hours is None else f"{self.hours:,.1f}"
        limits = (self.late_after_hours, self.stale_after_hours)
        return (self.source, self.entity, self.delivered_at or "never", hours, *limits, self.status)


def read_freshness(settings: Settings, rules: Mapping[str, Any], wait_seconds: float = 0.0) -> list[Age]:
    """The age of every entity of the enabled sources that deliver in a rhythm, stalest first.

    Raises `UsageError` when none of them does, `WarehouseBusyError` while a run is writing.
    """
    known = all_sources()
    rhythmic = [name for name in rules["enabled_sources"] if known[name].delivers_every_hours is not None]
    if not rhythmic:
        raise UsageError("no enabled source delivers in a rhythm (`delivers_every_hours` of its contract)")
    with lock.writing(settings.warehouse, "freshness", wait_seconds):
        results = dbt.freshness(settings, rules, rhythmic, Progress())
    order = list(STATUSES.values())
    return sorted(map(_age, results), key=lambda age: (-order.index(age.status), age.source, age.entity))


def _age(result: Mapping[str, Any]) -> Age:
    source, entity = result["unique_id"].split(".")[2:4]
    delivered = None if result["max_loaded_at"].startswith("1970-01-01") else result["max_loaded_at"]
    return Age(
        source=source,
        entity=entity,
        delivered_at=delivered and delivered[:16].replace("T", " "),
        hours=delivered and result["max_loaded_at_time_ago_in_s"] / 3600,
        late_after_hours=result["criteria"]["warn_after"]["count"],
        stale_after_hours=result["criteria"]["error_after"]["count"],
        status=STATUSES[result["status"]],
    )
