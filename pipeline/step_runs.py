"""`ops.step_runs`: one row per step that ran, with what it did or why it failed."""

import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from pipeline.errors import UsageError
from pipeline.settings import Settings
from pipeline.warehouse import open_warehouse

#: The layers of the warehouse in the order they are built: each holds one night, that of the last run of its step.
LAYERS = ("build_journeys", "attribute", "estimate_clv", "build_marts", "validate_marts")

#: What steps that are no layer read.
READS = {"publish": LAYERS, "refit": ("build_journeys",), "evaluate": ("build_journeys", "attribute")}


@dataclass(frozen=True)
class StepRun:
    """What became of one step."""

    run_id: str
    business_date: date
    step: str
    source: str | None
    status: str
    started_at: datetime
    seconds: float
    summary: dict[str, Any]
    error: str | None


def keep(settings: Settings, step: StepRun) -> None:
    """Write one step's row; times are UTC."""
    with open_warehouse(settings) as warehouse, warehouse.transaction():
        warehouse.execute("CREATE SCHEMA IF NOT EXISTS ops")
        warehouse.execute(
            """
            CREATE TABLE IF NOT EXISTS ops.step_runs (
                run_id VARCHAR NOT NULL, business_date DATE NOT NULL, step VARCHAR NOT NULL, source VARCHAR,
                status VARCHAR NOT NULL, started_at TIMESTAMP NOT NULL, seconds DOUBLE NOT NULL,
                summary VARCHAR NOT NULL, error VARCHAR
            )
            """
        )
        warehouse.execute(
            "INSERT INTO ops.step_runs VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                step.run_id,
                step.business_date,
                step.step,
                step.source,
                step.status,
                step.started_at.replace(tzinfo=None),
                step.seconds,
                json.dumps(step.summary, default=str),
                step.error,
            ],
        )


def require_layers_below(settings: Settings, step: str, business_date: date) -> None:
    """Raise `UsageError` unless every layer that `step` reads holds the night of `business_date`.

    A layer holds what the last run of its step left there; after a run for another night, or one that
    failed, what lies above it must be built again first.
    """
    below = LAYERS[: LAYERS.index(step)] if step in LAYERS else READS.get(step, ())
    if not below:
        return
    again = f"`touchledger run --date {business_date}` builds it all, or run the steps from {{step}} on again"
    with open_warehouse(settings) as warehouse:
        last = (
            {
                name: (night, status, started_at)
                for name, night, status, started_at in warehouse.rows(
                    """SELECT step, business_date, status, started_at FROM ops.step_runs
                    QUALIFY row_number() OVER (PARTITION BY step ORDER BY started_at DESC) = 1"""
                )
            }
            if warehouse.exists("ops.step_runs")
            else {}
        )
    before = None
    for name in below:
        night, status, started_at = last.get(name, (None, "never ran", None))
        if night != business_date or status != "succeeded":
            held = f"{name} last ran for {night} and {status}" if night else f"{name} never ran"
            raise UsageError(
                f"{step} for {business_date} needs that night's {name}, but {held}; {again.format(step=name)}"
            )
        if before is not None and started_at < before:
            raise UsageError(f"what {name} built is older than what it reads; {again.format(step=name)}")
        before = started_at
