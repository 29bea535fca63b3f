"""Small deliveries for tests: a source of one entity, its files, and what became of them."""

import gzip
import json
import shutil
from datetime import date
from pathlib import Path
from typing import Any

from pipeline.landing import IngestReport, ingest
from pipeline.progress import Progress
from pipeline.sources.contract import Entity, Source, boolean, decimal, integer, string, timestamp
from pipeline.sources.contract import date as day_column
from pipeline.warehouse.on_duckdb import DuckDBWarehouse

NIGHT = date(2026, 3, 2)

DEALS = Entity(
    "deals",
    (
        string("Id", required=True),
        string("Name"),
        decimal("Amount"),
        day_column("CloseDate", required=True),
        string("Note", optional=True),
        string("Stage", allowed=("open", "won", "lost"), optional=True),
        integer("Seats", optional=True),
        boolean("IsActive", optional=True),
        timestamp("ModifiedAt", optional=True),
    ),
    key=("id",),
    version="modified_at",
)
PEOPLE = Entity("people", (string("Id", required=True), string("Region__c", optional=True)), key=("id",))
CRM = Source("crm", "crm", (DEALS, PEOPLE), max_quarantined_share=1.0)

HEADER = "Id,Name,Amount,CloseDate,Note"
GOOD = ("1,Ann,10.50,2026-03-01,first", "2,Bob,20,2026-03-02,", '3,"Cy, Ltd",30,2026-03-03,"say ""hi"""')


def csv_of(*lines: str, header: str = HEADER) -> str:
    """A CSV file of `lines`, each ended by a line feed."""
    return "".join(f"{line}\n" for line in (header, *lines))


class Landing:
    """A landing folder and a warehouse in memory."""

    def __init__(self, folder: Path, source: Source = CRM) -> None:
        self.folder = folder / "landing"
        (self.folder / source.name).mkdir(parents=True)
        self.source = source
        self.warehouse = DuckDBWarehouse.in_memory()
        self.warehouse.execute("SET threads = 1")

    def put(self, name: str, content: str | bytes, day: date = NIGHT, entity: str = "deals") -> Path:
        """Deliver a file; a name that ends in `.gz` is compressed."""
        path = self.folder / self.source.name / entity / day.isoformat() / name
        path.parent.mkdir(parents=True, exist_ok=True)
        data = content.encode() if isinstance(content, str) else content
        path.write_bytes(gzip.compress(data, mtime=0) if name.endswith(".gz") and isinstance(content, str) else data)
        return path

    def reset(self) -> None:
        """Forget every delivery, on disk and in the warehouse."""
        shutil.rmtree(self.folder / self.source.name)
        (self.folder / self.source.name).mkdir()
        tables = (
            "SELECT table_schema || '.' || table_name FROM information_schema.tables WHERE table_catalog = 'memory'"
        )
        for (table,) in self.warehouse.rows(f"{tables} AND table_schema IN ('raw', 'quarantine', 'ops')"):
            self.warehouse.execute(f"DELETE FROM {table}")

    def manifest(self, *files: dict[str, Any], day: date = NIGHT, entity: str = "deals") -> Path:
        """Write the manifest of a date folder."""
        return self.put("_manifest.json", json.dumps({"files": list(files)}), day, entity)

    def run(self, day: date = NIGHT, source: Source | None = None, run_id: str = "run") -> IngestReport:
        """Ingest up to `day`, and hold what must always hold."""
        try:
            return ingest(self.warehouse, source or self.source, self.folder, day, run_id, Progress())
        finally:
            self.check_conservation()

    def check_conservation(self) -> None:
        """Every physical line of every file is accounted for, in the ledger and in the tables."""
        broken = self.warehouse.rows(
            "SELECT path FROM ops.load_ledger WHERE physical_lines <> header_lines + blank_lines + loaded_lines + "
            "duplicate_lines + quarantined_lines OR data_lines <> physical_lines - header_lines - blank_lines"
        )
        assert broken == []
        for entity in self.source.entities:
            stored = self.warehouse.value(f"SELECT count(*) FROM raw.{self.source.name}__{entity.name}")
            counted = self.warehouse.value(
                "SELECT coalesce(sum(loaded_records), 0) FROM ops.load_ledger WHERE entity = ?", [entity.name]
            )
            assert stored == counted

    def rows(
        self, columns: str = "id", entity: str = "deals", order: str = "_delivery_date, _line_number"
    ) -> list[Any]:
        """Loaded rows; of one column as plain values."""
        rows = self.warehouse.rows(f"SELECT {columns} FROM raw.{self.source.name}__{entity} ORDER BY {order}")
        return [row[0] for row in rows] if rows and len(rows[0]) == 1 else rows

    def quarantined(self, columns: str = "line_number, rule") -> list[Any]:
        """Rejected records in order of their lines."""
        return self.warehouse.rows(f"SELECT {columns} FROM quarantine.rows ORDER BY path, line_number")

    def bad_files(self) -> list[Any]:
        """(file name, rule) of what was quarantined whole."""
        found = self.warehouse.rows("SELECT path, rule FROM quarantine.files ORDER BY path, rule")
        return [(path.rpartition("/")[2], rule) for path, rule in found]

    def reason(self) -> str:
        """The one reason in quarantine."""
        reasons = self.warehouse.rows(
            "SELECT reason FROM quarantine.files UNION ALL SELECT reason FROM quarantine.rows"
        )
        assert len(reasons) == 1
        return reasons[0][0]

    def current(self) -> list[Any]:
        """The current row of each key, as downstream sees it."""
        return self.warehouse.rows(
            "SELECT * EXCLUDE (_file_id, _line_number, _delivery_date, _effective_date) FROM raw.crm__deals "
            "QUALIFY row_number() OVER (PARTITION BY id ORDER BY modified_at DESC NULLS LAST, _row_hash DESC) = 1 "
            "ORDER BY id"
        )
