"""The step: everything a source delivered up to a business date, into raw."""

import hashlib
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from pipeline.landing.casting import check_options
from pipeline.landing.discovery import Delivered, Found, discover
from pipeline.landing.doors import Doors
from pipeline.landing.load import Night, load_file
from pipeline.landing.report import IngestReport, Problem
from pipeline.landing.tables import ensure_tables
from pipeline.landing.text import as_codec
from pipeline.progress import Progress
from pipeline.sources.contract import Source
from pipeline.warehouse import Warehouse


def ingest(
    warehouse: Warehouse,
    source: Source,
    landing_dir: Path,
    business_date: date,
    run_id: str,
    progress: Progress | None = None,
) -> IngestReport:
    """Load every file of `source` that was delivered up to `business_date` and not read before.

    Each file is one transaction, so a run that is killed may simply be run again. Raises
    `DeliveryError` when the source may not go on (see `doors`); what was loaded and quarantined
    stays recorded. Raises `UsageError` for options that cannot be used.
    """
    progress = progress or Progress()
    ensure_tables(warehouse, source)
    check_options(warehouse, source)
    as_codec(source.encoding)
    found = discover(landing_dir, source, business_date)
    last_completed = warehouse.value("SELECT max(business_date) FROM ops.ingests WHERE source = ?", [source.name])
    night = Night(source, business_date, run_id, last_completed)
    _record_problems(warehouse, night, found.problems)

    waiting = unread(warehouse, source, found.files)
    outcomes = []
    with _scratch(warehouse) as scratch:
        for number, (file, reading) in enumerate(waiting):
            progress.phase(f"reading {source.name}/{file.entity}")
            progress.advance(number, len(waiting), "files")
            outcomes.append(load_file(warehouse, night, file, reading, scratch))
    progress.advance(len(waiting), len(waiting), "files")

    deliveries = _record_deliveries(warehouse, night, found, {file.path for file, _ in waiting})
    report = IngestReport(
        source=source.name,
        business_date=business_date,
        run_id=run_id,
        files=tuple(outcomes),
        problems=tuple(found.problems),
        deliveries=deliveries,
        quarantined_by_rule=_by_rule(warehouse, night, [outcome.path for outcome in outcomes]),
    )
    current = [p for p in found.problems if p.delivery_date in (None, business_date)]
    Doors(warehouse, source, found.files, current).check(list(report.missing_entities))
    warehouse.execute(
        "INSERT INTO ops.ingests VALUES (?, ?, ?, now()::TIMESTAMP)", [source.name, business_date, run_id]
    )
    return report


def unread(warehouse: Warehouse, source: Source, files: list[Delivered]) -> list[tuple[Delivered, str]]:
    """The files to read, each with the fingerprint of how it is read.

    A file is known by path, size and time of change, so that a night does not read all nights before.
    A file that was wholly or partly quarantined is read again when the contract, the source's options
    or its manifest changed.
    """
    known = {
        (path, size, modified): (reading, is_whole)
        for path, size, modified, reading, is_whole in warehouse.rows(
            "SELECT path, size_bytes, modified_ns, reading, "
            "status <> 'quarantined' AND quarantined_records = 0 FROM ops.load_ledger "
            "WHERE source = ? QUALIFY row_number() OVER (PARTITION BY path ORDER BY loaded_at DESC) = 1",
            [source.name],
        )
    }
    waiting = []
    for file in files:
        reading = _fingerprint(source, file)
        before = known.get((file.path, file.size_bytes, file.modified_ns))
        if before is None or (not before[1] and before[0] != reading):
            waiting.append((file, reading))
    return waiting


def _fingerprint(source: Source, file: Delivered) -> str:
    how = (
        source.encoding, source.delimiter, source.timestamp_format, source.date_format, source.time_zone,
        source.null_values, source.entity(file.entity).columns, file.expected,
    )  # fmt: skip
    return hashlib.sha256(repr(how).encode()).hexdigest()[:16]


def _record_problems(warehouse: Warehouse, night: Night, problems: list[Problem]) -> None:
    """Make `quarantine.files` say what lies in the landing folder now and is not a file that can be read."""
    with warehouse.transaction():
        known = set(
            warehouse.rows(
                "SELECT path, rule, reason FROM quarantine.files WHERE source = ? AND file_id IS NULL",
                [night.source.name],
            )
        )
        current = {(problem.path, problem.rule, problem.reason) for problem in problems}
        for gone in known - current:
            warehouse.execute(
                "DELETE FROM quarantine.files WHERE source = ? AND file_id IS NULL "
                "AND path = ? AND rule = ? AND reason = ?",
                [night.source.name, *gone],
            )
        for problem in problems:
            if (problem.path, problem.rule, problem.reason) not in known:
                effective = (
                    night.effective_date(problem.delivery_date) if problem.delivery_date else night.business_date
                )
                warehouse.execute(
                    "INSERT INTO quarantine.files VALUES (NULL, ?, ?, ?, ?, ?, ?, 0, ?, ?)",
                    [
                        night.source.name, problem.entity, problem.path, problem.delivery_date,
                        problem.rule, problem.reason, night.run_id, effective,
                    ],
                )  # fmt: skip


def _record_deliveries(warehouse: Warehouse, night: Night, found: Found, new: set[str]) -> dict[str, str]:
    """Each entity's status for the business date, kept in `ops.deliveries`.

    `delivered`: a usable file of that date; `late`: only new files of earlier dates; else `missing`.
    """
    quarantined = {
        path
        for path, status in warehouse.rows(
            "SELECT path, status FROM ops.load_ledger WHERE source = ? "
            "QUALIFY row_number() OVER (PARTITION BY path ORDER BY loaded_at DESC) = 1",
            [night.source.name],
        )
        if status == "quarantined"
    }
    counts: Counter[tuple[str, str]] = Counter()
    for file in found.files:
        if file.delivery_date == night.business_date:
            counts[file.entity, "bad" if file.path in quarantined else "good"] += 1
        elif file.path in new and file.path not in quarantined:
            counts[file.entity, "late"] += 1
    statuses = {}
    with warehouse.transaction():
        warehouse.execute(
            "DELETE FROM ops.deliveries WHERE source = ? AND business_date = ?",
            [night.source.name, night.business_date],
        )
        for entity in night.source.entities:
            good, bad, late = (counts[entity.name, kind] for kind in ("good", "bad", "late"))
            statuses[entity.name] = "delivered" if good else "late" if late else "missing"
            warehouse.execute(
                "INSERT INTO ops.deliveries VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                [
                    night.source.name, entity.name, night.business_date, night.run_id,
                    statuses[entity.name], good, bad, late,
                ],
            )  # fmt: skip
    return statuses


def _by_rule(warehouse: Warehouse, night: Night, paths: list[str]) -> dict[str, int]:
    return dict(
        warehouse.rows(
            "SELECT rule, count(*) FROM quarantine.rows WHERE source = ? AND run_id = ? AND list_contains(?, path) "
            "GROUP BY rule ORDER BY rule",
            [night.source.name, night.run_id, paths],
        )
    )


@contextmanager
def _scratch(warehouse: Warehouse) -> Iterator[Path]:
    """A folder for decoded copies, beside the engine's own temporary files where that is possible."""
    beside = Path(warehouse.value("SELECT current_setting('temp_directory')") or "")
    # The engine would read `*`, `?` and `[` in a path as a pattern.
    usable = beside.is_absolute() and not set("*?[") & set(str(beside))
    if usable:
        beside.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="touchledger-landing-", dir=beside if usable else None) as folder:
        yield Path(folder)
