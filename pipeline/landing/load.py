"""One file from its bytes to raw, quarantine and the ledger, in one transaction."""

import json
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from pipeline.landing import csv_files, json_files, parquet_files
from pipeline.landing.casting import Cast, typed_sql, violations_sql
from pipeline.landing.discovery import Delivered
from pipeline.landing.records import REJECTS, Records, start_rejects
from pipeline.landing.report import BadFile, FileOutcome, Lines, Status
from pipeline.landing.text import copy_and_hash, to_text
from pipeline.sources.contract import Entity, Source, raw_table
from pipeline.warehouse import Warehouse
from pipeline.warehouse.on_duckdb import identifier, quoted

_TYPED = "landing_typed"
_DUPLICATES = "landing_duplicates"


@dataclass(frozen=True)
class Night:
    """What all files of one ingest share. `reading` is a fingerprint of how files are read."""

    source: Source
    business_date: date
    run_id: str
    last_completed: date | None

    def effective_date(self, delivery_date: date) -> date:
        """From which business date a file counts: its own, or, when a run passed that already, this run's."""
        is_late = self.last_completed is not None and self.last_completed >= delivery_date < self.business_date
        return self.business_date if is_late else delivery_date


def load_file(warehouse: Warehouse, night: Night, file: Delivered, reading: str, scratch: Path) -> FileOutcome:
    """Load one file; a file that cannot be read is quarantined whole. Nothing half is left behind."""
    entity = night.source.entity(file.entity)
    copy = scratch / "delivery"
    file_id = copy_and_hash(file.real, copy)
    effective = night.effective_date(file.delivery_date)
    ledger = _Ledger(warehouse, night, file, file_id, effective, reading)
    start_rejects(warehouse)
    try:
        if file.expected and file.expected.sha256 and file.expected.sha256 != file_id:
            raise BadFile("manifest_sha256", f"sha256 is {file_id}, the manifest says {file.expected.sha256}")
        if ledger.is_elsewhere():
            with warehouse.transaction():
                return ledger.write("duplicate", Lines())
        encoding, records, lines = _read(warehouse, night.source, entity, file, copy, scratch)
        if records is None:
            _check_rows(file, 0, lines.physical)
            with warehouse.transaction():
                return ledger.write("empty", lines, encoding=encoding)
        _cast(warehouse, Cast(night.source, entity, records.native), records)
        _check_rows(file, records.count + _taken_apart(warehouse), records.physical_lines)
    except BadFile as bad:
        with warehouse.transaction():
            return ledger.quarantine(bad)
    with warehouse.transaction():
        return _store(warehouse, night, entity, file, file_id, effective, records, encoding, ledger)


def _read(
    warehouse: Warehouse, source: Source, entity: Entity, file: Delivered, copy: Path, scratch: Path
) -> tuple[str | None, Records | None, Lines]:
    if file.format == "parquet":
        return None, parquet_files.read(warehouse, copy, entity), Lines()
    text = to_text(copy, scratch / "text", source.encoding, is_gzipped=file.is_gzipped)
    blank = Lines(physical=text.line_count, blank=text.line_count)
    try:
        if file.format == "csv":
            return text.encoding, csv_files.read(warehouse, text, source, entity, scratch), blank
        records = json_files.read(warehouse, text, entity)
        is_empty = records.blank_lines == records.physical_lines
        return text.encoding, None if is_empty else records, blank
    except BadFile as bad:
        bad.physical_lines = text.line_count
        raise


def _check_rows(file: Delivered, found: int, physical_lines: int) -> None:
    if file.expected and file.expected.rows is not None and file.expected.rows != found:
        reason = f"{found} rows, the manifest says {file.expected.rows}"
        raise BadFile("manifest_rows", reason, physical_lines=physical_lines)


def _taken_apart(warehouse: Warehouse) -> int:
    """Records rejected before their values were looked at."""
    return warehouse.value(f"SELECT count(*) FROM {REJECTS} WHERE column_name IS NULL")


def _cast(warehouse: Warehouse, cast: Cast, records: Records) -> None:
    """Type the records into a table, each with the lines it came from; reject what breaks the contract."""
    place = "t.ordinal + " + str(records.first_line) + " AS line_number, 1 AS line_count"
    joined = ""
    if records.ordinals:
        place, joined = "p.line_number, p.line_count", f"JOIN {records.ordinals} p USING (ordinal)"
    typed = typed_sql(cast, records.text_sql)
    warehouse.execute(f"CREATE OR REPLACE TEMP TABLE {_TYPED} AS SELECT t.*, {place} FROM ({typed}) t {joined}")
    count = warehouse.value(f"SELECT count(*) FROM {_TYPED}")
    if count != records.count:
        raise AssertionError(f"{cast.source.name}/{cast.entity.name}: {records.count} records, {count} were read")
    if warehouse.value(f"SELECT count(*) FROM {_TYPED} WHERE is_bad"):
        _reject_values(warehouse, cast, records)


def _reject_values(warehouse: Warehouse, cast: Cast, records: Records) -> None:
    wanted = f"SELECT * FROM ({records.text_sql}) WHERE ordinal IN (SELECT ordinal FROM {_TYPED} WHERE is_bad)"
    said = (
        "list_transform(violations, lambda v: CASE v.rule "
        "WHEN 'required' THEN v.column_name || ' is empty' "
        "WHEN 'type' THEN v.column_name || ' cannot be ' || types[v.column_name] || ': ' || v.value "
        "WHEN 'range' THEN v.column_name || ' is outside the years 1900 to 2200: ' || v.value "
        "ELSE v.column_name || ' is none of the allowed values: ' || v.value END)"
    )
    types = ", ".join(f"{quoted(column.name)}: {quoted(column.type)}" for column in cast.entity.columns)
    warehouse.execute(
        f"INSERT INTO {REJECTS} "
        f"SELECT k.line_number, k.line_count, violations[1].column_name, violations[1].rule, "
        f"array_to_string({said}, '; '), raw.line "
        f"FROM (SELECT *, MAP {{{types}}} AS types FROM ({violations_sql(cast, wanted)})) v "
        f"JOIN {_TYPED} k USING (ordinal) JOIN ("
        "SELECT b.ordinal, string_agg(l.line, chr(10) ORDER BY l.line_number) AS line "
        "FROM (SELECT ordinal, unnest(range(line_number, line_number + line_count)) AS line_number "
        f"FROM {_TYPED} WHERE is_bad) b JOIN ({records.lines_sql}) l USING (line_number) GROUP BY b.ordinal"
        ") raw USING (ordinal)"
    )


def _store(
    warehouse: Warehouse,
    night: Night,
    entity: Entity,
    file: Delivered,
    file_id: str,
    effective: date,
    records: Records,
    encoding: str | None,
    ledger: "_Ledger",
) -> FileOutcome:
    table = raw_table(night.source, entity)
    # A row that only a later business date sees does not make an earlier delivery of it redundant.
    warehouse.execute(
        f"CREATE OR REPLACE TEMP TABLE {_DUPLICATES} AS SELECT ordinal, line_count FROM {_TYPED} WHERE NOT is_bad "
        f"QUALIFY row_hash IN (SELECT _row_hash FROM {table} WHERE _effective_date <= ?) "
        "OR row_number() OVER (PARTITION BY row_hash ORDER BY ordinal) > 1",
        [effective],
    )
    names = ", ".join(identifier(column.name) for column in entity.columns)
    values = ", ".join(f"t.v{i}" for i in range(len(entity.columns)))
    warehouse.execute(
        f"INSERT INTO {table} ({names}, _extra, _file_id, _line_number, _row_hash, _delivery_date, _effective_date) "
        f"SELECT {values}, t.extra, ?, t.line_number, t.row_hash, ?, ? "
        f"FROM {_TYPED} t ANTI JOIN {_DUPLICATES} d USING (ordinal) WHERE NOT t.is_bad",
        [file_id, file.delivery_date, effective],
    )
    ledger.quarantine_rows()
    good = _sums(warehouse, f"{_TYPED} WHERE NOT is_bad")
    duplicate = _sums(warehouse, _DUPLICATES)
    rejected = _sums(warehouse, REJECTS)
    lines = Lines(
        physical=records.physical_lines,
        header=records.header_lines,
        blank=records.blank_lines,
        loaded=good[1] - duplicate[1],
        duplicate=duplicate[1],
        quarantined=rejected[1],
        loaded_records=good[0] - duplicate[0],
        duplicate_records=duplicate[0],
        quarantined_records=rejected[0],
    )
    conflicts = _version_conflicts(warehouse, table, entity, file_id)
    return ledger.write("loaded", lines, encoding, new_columns=records.new_columns, version_conflicts=conflicts)


def _sums(warehouse: Warehouse, table: str) -> tuple[int, int]:
    count, lines = warehouse.rows(f"SELECT count(*), coalesce(sum(line_count), 0)::BIGINT FROM {table}")[0]
    return count, lines


def _version_conflicts(warehouse: Warehouse, table: str, entity: Entity, file_id: str) -> int:
    """Keys of this file with another content under the same version."""
    names = [*entity.key, *([entity.version] if entity.version else [])]
    same = " AND ".join(f"o.{identifier(name)} IS NOT DISTINCT FROM n.{identifier(name)}" for name in names)
    return warehouse.value(
        f"SELECT count(DISTINCT n._line_number) FROM {table} n JOIN {table} o "
        f"ON {same} AND o._row_hash <> n._row_hash WHERE n._file_id = ?",
        [file_id],
    )


class _Ledger:
    """Writes what became of one file; always inside the file's transaction."""

    def __init__(
        self, warehouse: Warehouse, night: Night, file: Delivered, file_id: str, effective: date, reading: str
    ) -> None:
        self.warehouse, self.night, self.file = warehouse, night, file
        self.file_id, self.effective, self.reading = file_id, effective, reading

    def is_elsewhere(self) -> bool:
        """Whether the same bytes were already read for this entity, under another name or date."""
        return bool(
            self.warehouse.value(
                "SELECT count(*) FROM ops.load_ledger WHERE file_id = ? AND source = ? AND entity = ? "
                "AND path <> ? AND status IN ('loaded', 'empty')",
                [self.file_id, self.night.source.name, self.file.entity, self.file.path],
            )
        )

    def quarantine(self, bad: BadFile) -> FileOutcome:
        """Record that the file was not read, and why."""
        self._forget()
        self.warehouse.execute(
            "INSERT INTO quarantine.files VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [*self._file(), bad.rule, bad.reason, bad.physical_lines, self.night.run_id, self.effective],
        )
        lines = Lines(physical=bad.physical_lines, quarantined=bad.physical_lines)
        return replace(self.write("quarantined", lines), rule=bad.rule, reason=bad.reason)

    def quarantine_rows(self) -> None:
        """Record the rejected records; what an earlier reading of the same file rejected is superseded."""
        self._forget()
        self.warehouse.execute(
            f"INSERT INTO quarantine.rows SELECT ?, ?, ?, ?, ?, r.*, ?, ? FROM {REJECTS} r ORDER BY line_number",
            [*self._file(), self.night.run_id, self.effective],
        )

    def write(
        self,
        status: Status,
        lines: Lines,
        encoding: str | None = None,
        new_columns: tuple[str, ...] = (),
        version_conflicts: int = 0,
    ) -> FileOutcome:
        """Add the file's row, once its lines are all accounted for."""
        if lines.unaccounted:
            raise AssertionError(f"{self.file.path}: {lines.unaccounted} physical lines became nothing: {lines}")
        file = self.file
        self.warehouse.execute(
            "INSERT INTO ops.load_ledger VALUES (?, ?, ?, ?, ?, ?, ?, ?, now()::TIMESTAMP, "
            "?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                *self._file(), self.effective, self.night.business_date, self.night.run_id,
                file.size_bytes, file.modified_ns, self.reading, status, encoding,
                lines.physical, lines.header, lines.blank, lines.data,
                lines.loaded_records, lines.loaded, lines.duplicate_records, lines.duplicate,
                lines.quarantined_records, lines.quarantined, version_conflicts,
                json.dumps(list(new_columns)) if new_columns else None,
            ],
        )  # fmt: skip
        return FileOutcome(
            path=file.path,
            entity=file.entity,
            delivery_date=file.delivery_date,
            status=status,
            lines=lines,
            new_columns=new_columns,
            version_conflicts=version_conflicts,
        )

    def _file(self) -> list[object]:
        return [self.file_id, self.night.source.name, self.file.entity, self.file.path, self.file.delivery_date]

    def _forget(self) -> None:
        for table in ("quarantine.rows", "quarantine.files"):
            self.warehouse.execute(
                f"DELETE FROM {table} WHERE file_id = ? AND source = ? AND entity = ? AND path = ?", self._file()[:4]
            )
