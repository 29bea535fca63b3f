"""Publish: the marts as files that readers open while the warehouse is being written.

A release is one folder: `touchledger.duckdb` (schema `marts`, for BI tools with older drivers
too), `parquet/<mart>.parquet`, `scorecard.html` and `manifest.json`. It is built aside and
becomes current in one step; a crash at any point leaves the old publication as it was.
"""

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from pipeline.errors import GateError, StepError
from pipeline.progress import Progress
from pipeline.publish import files, releases, scorecard
from pipeline.publish.checksums import DUCKDB_FILE, checksum, checksums
from pipeline.publish.releases import current_manifest
from pipeline.publish.tables import Mart, marts_of
from pipeline.settings import Settings
from pipeline.warehouse import Warehouse

__all__ = ["Publication", "checksums", "current_manifest", "publish"]

DEFAULT_KEEP_RELEASES = 7


@dataclass(frozen=True)
class Publication:
    """What became of a publication: `published`, or `kept` when a newer business date is already out."""

    status: str
    business_date: date
    release: Path | None
    sentence: str
    rows: dict[str, int]
    checksums: dict[str, str]
    dropped: tuple[str, ...] = ()

    def summary(self) -> dict[str, Any]:
        """The same as JSON-able values."""
        return {
            "status": self.status,
            "business_date": self.business_date.isoformat(),
            "release": str(self.release) if self.release else None,
            "sentence": self.sentence,
            "marts": len(self.rows),
            "rows": self.rows,
            "checksums": self.checksums,
            "dropped_releases": list(self.dropped),
        }


def publish(
    warehouse: Warehouse,
    settings: Settings,
    business_date: date,
    run_id: str,
    rules: dict[str, Any],
    progress: Progress | None = None,
    force: bool = False,
) -> Publication:
    """Write every mart to a new release and make it current.

    A business date older than the published one changes nothing unless `force`. Raises `GateError`
    when the marts' last checks for this date did not pass, `StepError` when there are no marts.
    """
    progress = progress or Progress()
    marts = marts_of(warehouse)
    if not marts:
        raise StepError("there are no marts to publish; run `touchledger build_marts --date YYYY-MM-DD` first")
    _require_open_door(warehouse, business_date)
    published = current_manifest(settings.published)
    if published and published["business_date"] > business_date.isoformat() and not force:
        return Publication(
            "kept",
            business_date,
            releases.current_release(settings.published),
            f"{published['business_date']} stays published: {business_date} is older, and replaces it only when asked",
            {},
            {},
        )
    building = releases.begin(settings.published)
    described = _write(warehouse, settings, building, marts, progress)
    progress.phase("drawing the scorecard")
    scorecard.write(warehouse, building / "scorecard.html", business_date, rules)
    _write_manifest(building, business_date, run_id, described)
    release = releases.seal(building, business_date)
    releases.make_current(settings.published, release)
    dropped = releases.drop_old(settings.published, int(rules.get("keep_releases", DEFAULT_KEEP_RELEASES)))
    rows = {name: mart["rows"] for name, mart in described.items()}
    return Publication(
        "published",
        business_date,
        release,
        f"{len(marts)} marts, {sum(rows.values()):,} rows, published as {release.name}",
        rows,
        {name: mart["checksum"] for name, mart in described.items()},
        tuple(dropped),
    )


def _write(
    warehouse: Warehouse, settings: Settings, building: Path, marts: list[Mart], progress: Progress
) -> dict[str, dict[str, Any]]:
    """Write the marts' files; what each holds, by name."""
    parquet = building / "parquet"
    parquet.mkdir()
    described: dict[str, dict[str, Any]] = {}
    progress.phase("writing Parquet")
    for done, mart in enumerate(marts, 1):
        path = parquet / f"{mart.name}.parquet"
        files.write_parquet(warehouse, mart, path)
        signature = checksum(warehouse, mart)
        described[mart.name] = {
            "rows": int(signature.partition("-")[0]),
            "columns": dict(mart.columns),
            "checksum": signature,
            "parquet_bytes": path.stat().st_size,
        }
        progress.advance(done, len(marts), "marts")
    progress.phase("writing the DuckDB file")
    files.write_duckdb(settings, parquet, marts, building / DUCKDB_FILE)
    return described


def _write_manifest(building: Path, business_date: date, run_id: str, marts: dict[str, dict[str, Any]]) -> None:
    """What the release holds, beside its files."""
    manifest = {
        "business_date": business_date.isoformat(),
        "run_id": run_id,
        "published_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "duckdb_storage_version": files.STORAGE_VERSION,
        "file_bytes": {
            str(path.relative_to(building)): path.stat().st_size
            for path in sorted(building.rglob("*"))
            if path.is_file()
        },
        "marts": marts,
    }
    text = json.dumps(manifest, indent=2) + "\n"
    (building / releases.MANIFEST).write_text(text, encoding="utf-8")


def _require_open_door(warehouse: Warehouse, business_date: date) -> None:
    """Publish nothing whose last checks at the door out did not pass."""
    if not warehouse.exists("ops.expectation_results"):
        return
    stopping = warehouse.rows(
        """
        SELECT table_name, expectation FROM ops.expectation_results
        WHERE severity = 'critical' AND status <> 'success' AND door = 'marts' AND business_date = ?
            AND checked_at = (
                SELECT max(checked_at) FROM ops.expectation_results WHERE door = 'marts' AND business_date = ?
            )
        ORDER BY ALL
        """,
        [business_date, business_date],
    )
    if stopping:
        table, expectation = stopping[0]
        raise GateError(
            f"nothing is published for {business_date}: {len(stopping)} critical checks of its marts did not pass, "
            f"first {expectation} on {table}. `touchledger status` shows them"
        )
