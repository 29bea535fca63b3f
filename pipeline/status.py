"""What `touchledger status` tells, read from the warehouse and the publication."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from pipeline.errors import UsageError
from pipeline.settings import Settings
from pipeline.warehouse import Warehouse
from pipeline.warehouse.base import Row


@dataclass(frozen=True)
class Status:
    """The newest run of a business date, what was delivered up to it, and the publication."""

    business_date: str
    run_id: str
    steps: Sequence[Row]
    deliveries: Sequence[Row]
    quarantined: Sequence[Row]
    checks: Sequence[Row]
    published: str

    def as_dict(self) -> dict[str, Any]:
        """The same, for JSON."""
        return asdict(self)


def read_status(warehouse: Warehouse, settings: Settings, date_text: str | None) -> Status:
    """Status of the newest run, or of the newest run for one business date."""
    if not warehouse.exists("ops.step_runs"):
        raise UsageError("nothing has run yet: run `touchledger run --date YYYY-MM-DD`")
    run = warehouse.rows(
        """SELECT run_id, business_date FROM ops.step_runs
        WHERE ? IS NULL OR business_date = CAST(? AS DATE) ORDER BY started_at DESC LIMIT 1""",
        [date_text, date_text],
    )
    if not run:
        raise UsageError(f"nothing has run for {date_text}")
    run_id, business_date = run[0]
    return Status(
        business_date=business_date.isoformat(),
        run_id=run_id,
        steps=warehouse.rows(
            "SELECT step, source, status, seconds, error FROM ops.step_runs WHERE run_id = ? ORDER BY started_at",
            [run_id],
        ),
        deliveries=warehouse.rows(
            """SELECT source, entity, count(*), sum(physical_lines)::BIGINT, sum(loaded_lines)::BIGINT,
                sum(duplicate_lines)::BIGINT, sum(quarantined_lines)::BIGINT,
                count(*) FILTER (status = 'quarantined'), max(delivery_date)
            FROM (
                FROM ops.load_ledger WHERE effective_date <= ?
                QUALIFY row_number() OVER (PARTITION BY source, path ORDER BY loaded_at DESC) = 1
            ) GROUP BY source, entity ORDER BY source, entity""",
            [business_date],
        )
        if warehouse.exists("ops.load_ledger")
        else [],
        quarantined=warehouse.rows(
            """SELECT source, entity, rule, count(*), min_by(path || ':' || line_number || ' ' || reason, line_number)
            FROM quarantine.rows WHERE effective_date <= ? GROUP BY source, entity, rule
            UNION ALL SELECT source, entity, rule, count(*), min(path || ' ' || reason)
            FROM quarantine.files WHERE effective_date <= ? GROUP BY source, entity, rule ORDER BY 1, 2, 3""",
            [business_date, business_date],
        )
        if warehouse.exists("quarantine.rows")
        else [],
        checks=warehouse.rows(
            """SELECT door, table_name, expectation || coalesce(' ' || column_name, ''), severity, status, message
            FROM ops.expectation_results WHERE run_id = ? AND status <> 'success' ORDER BY ALL""",
            [run_id],
        )
        if warehouse.exists("ops.expectation_results")
        else [],
        published=_published(settings),
    )


def _published(settings: Settings) -> str:
    manifest = settings.published / "current" / "manifest.json"
    if not manifest.exists():
        return "Nothing is published yet."
    content = json.loads(manifest.read_text())
    rows = sum(mart["rows"] for mart in content["marts"].values())
    return (
        f"Published: {content['business_date']} (run {content['run_id']}), {len(content['marts'])} marts, "
        f"{rows:,} rows, in {manifest.parent}"
    )
