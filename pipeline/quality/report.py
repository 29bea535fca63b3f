"""What the checks at a door found: kept in the warehouse, shown, and turned into a stop."""

import json
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

import pyarrow as pa

from pipeline.errors import GateError
from pipeline.quality.files import Expectation
from pipeline.warehouse import Warehouse

RESULTS_TABLE = "ops.expectation_results"

_SCHEMA = pa.schema(
    [
        ("run_id", pa.string()),
        ("business_date", pa.date32()),
        ("door", pa.string()),
        ("table_name", pa.string()),
        ("expectation", pa.string()),
        ("column_name", pa.string()),
        ("kwargs", pa.string()),
        ("severity", pa.string()),
        ("status", pa.string()),
        ("observed_value", pa.string()),
        ("unexpected_count", pa.int64()),
        ("element_count", pa.int64()),
        ("unexpected_examples", pa.string()),
        ("message", pa.string()),
        ("checked_at", pa.timestamp("us")),
    ]
)


@dataclass(frozen=True)
class Result:
    """What became of one check.

    `status` is `success`, `failure` (the data broke it) or `error` (it could not be computed).
    `unexpected_examples` are up to three offending rows: the checked columns and the row's key.
    """

    table: str
    expectation: Expectation
    status: str
    message: str = ""
    observed_value: str | None = None
    unexpected_count: int | None = None
    element_count: int | None = None
    unexpected_examples: tuple[Any, ...] = ()

    @property
    def stops(self) -> bool:
        """Whether nothing after the door may run."""
        return self.status != "success" and self.expectation.severity == "critical"

    def sentence(self) -> str:
        """One line that says what is wrong, where, with counts and examples."""
        check = self.expectation
        subject = f"{self.table}: {check.type}" + (f" on {check.column_name}" if check.column_name else "")
        if check.where:
            subject += f" where {check.where}"
        if self.status == "error":
            return f"{subject} could not be computed: {self.message}"
        if self.unexpected_count is not None:
            found = f"{self.unexpected_count:,} of {self.element_count or 0:,} rows are not as expected"
        else:
            found = f"observed {self.observed_value}"
        if self.message:
            found += f", {self.message}"
        shown = ", ".join(_as_text(example) for example in self.unexpected_examples)
        return f"{subject}: {found}" + (f" (e.g. {shown})" if shown else "") + f". {check.why}"


@dataclass(frozen=True)
class ValidationReport:
    """All results of one door for one night."""

    door: str
    business_date: date
    run_id: str
    results: tuple[Result, ...]
    skipped: tuple[str, ...] = field(default=())

    def having(self, status: str, severity: str | None = None) -> list[Result]:
        """The results with this status, of one severity if given."""
        return [r for r in self.results if r.status == status and severity in (None, r.expectation.severity)]

    def raise_for_gate(self) -> None:
        """Raise `GateError` when a critical check failed or could not be computed."""
        stopping = [result for result in self.results if result.stops]
        if not stopping:
            return
        lines = "\n".join(f"  - {result.sentence()}" for result in stopping[:10])
        more = f"\n  and {len(stopping) - 10} more" if len(stopping) > 10 else ""
        raise GateError(
            f"the door {self.door!r} stays closed for {self.business_date}: "
            f"{len(stopping)} critical check{'s' if len(stopping) > 1 else ''} did not pass\n{lines}{more}\n"
            f"Nothing after it ran. `touchledger status` shows every result; they are kept in {RESULTS_TABLE}. "
            f"Correct the delivery, or the file in expectations/, and run the date again."
        )

    def summary(self) -> dict[str, Any]:
        """Counts and the sentences of everything that did not pass, as JSON-able values."""
        return {
            "door": self.door,
            "tables": len({result.table for result in self.results}),
            "checks": len(self.results),
            "passed": len(self.having("success")),
            "failed_critical": len(self.having("failure", "critical")),
            "failed_warning": len(self.having("failure", "warning")),
            "not_computed": len(self.having("error")),
            "not_passed": [result.sentence() for result in self.results if result.status != "success"],
            "skipped_tables": list(self.skipped),
        }


def create_results_table(warehouse: Warehouse) -> None:
    """Make `ops.expectation_results`: one row per run, door, table and check."""
    warehouse.execute("CREATE SCHEMA IF NOT EXISTS ops")
    warehouse.execute(
        f"""
        CREATE TABLE IF NOT EXISTS {RESULTS_TABLE} (
            run_id VARCHAR, business_date DATE, door VARCHAR, table_name VARCHAR, expectation VARCHAR,
            column_name VARCHAR, kwargs VARCHAR, severity VARCHAR, status VARCHAR, observed_value VARCHAR,
            unexpected_count BIGINT, element_count BIGINT, unexpected_examples VARCHAR, message VARCHAR,
            checked_at TIMESTAMP
        )
        """
    )


def keep(warehouse: Warehouse, report: ValidationReport) -> None:
    """Write the results; those of an earlier try of the same run, door and table are replaced."""
    checked_at = datetime.now(UTC).replace(tzinfo=None)
    rows = [
        {
            "run_id": report.run_id,
            "business_date": report.business_date,
            "door": report.door,
            "table_name": result.table,
            "expectation": result.expectation.type,
            "column_name": result.expectation.column_name,
            "kwargs": json.dumps(dict(result.expectation.kwargs), default=str),
            "severity": result.expectation.severity,
            "status": result.status,
            "observed_value": result.observed_value,
            "unexpected_count": result.unexpected_count,
            "element_count": result.element_count,
            "unexpected_examples": json.dumps(list(result.unexpected_examples), default=str),
            "message": result.message or None,
            "checked_at": checked_at,
        }
        for result in report.results
    ]
    with warehouse.transaction():
        warehouse.create_from_arrow("_expectation_results", pa.Table.from_pylist(rows, schema=_SCHEMA))
        warehouse.execute(
            f"""
            DELETE FROM {RESULTS_TABLE}
            WHERE run_id = ? AND door = ? AND table_name IN (SELECT table_name FROM _expectation_results)
            """,
            [report.run_id, report.door],
        )
        warehouse.execute(f"INSERT INTO {RESULTS_TABLE} SELECT * FROM _expectation_results")
        warehouse.execute("DROP TABLE _expectation_results")


def _as_text(example: Any) -> str:
    if isinstance(example, dict):
        return " ".join(f"{name}={value}" for name, value in example.items())
    return str(example)
