"""`ops.step_runs`: one row per step that ran, with what it did or why it failed."""

import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from pipeline.settings import Settings
from pipeline.warehouse import open_warehouse


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
