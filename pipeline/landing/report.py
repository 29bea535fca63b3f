"""What an ingest did, file by file."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any, Literal

Status = Literal["loaded", "quarantined", "duplicate", "empty"]


class BadFile(Exception):
    """A file that cannot be read at all: it is quarantined whole, with `rule` and `reason`."""

    def __init__(self, rule: str, reason: str, *, physical_lines: int = 0) -> None:
        super().__init__(reason)
        self.rule = rule
        self.reason = reason
        self.physical_lines = physical_lines


@dataclass(frozen=True)
class Lines:
    """The physical lines of one file by what became of them, and the records they make up.

    A physical line ends at a line feed, or at the end of the file. A record of a Parquet file
    counts as one line.
    """

    physical: int = 0
    header: int = 0
    blank: int = 0
    loaded: int = 0
    duplicate: int = 0
    quarantined: int = 0
    loaded_records: int = 0
    duplicate_records: int = 0
    quarantined_records: int = 0

    @property
    def data(self) -> int:
        """Lines that hold records."""
        return self.physical - self.header - self.blank

    @property
    def unaccounted(self) -> int:
        """Lines that became nothing: always 0 unless the code is wrong."""
        return self.data - self.loaded - self.duplicate - self.quarantined


@dataclass(frozen=True)
class FileOutcome:
    """One file of this ingest. `path` is relative to the landing folder."""

    path: str
    entity: str
    delivery_date: date
    status: Status
    lines: Lines
    rule: str | None = None
    reason: str | None = None
    new_columns: tuple[str, ...] = ()
    version_conflicts: int = 0


@dataclass(frozen=True)
class Problem:
    """Something in the landing folder that is not a readable file, or a promised file that is absent."""

    path: str
    rule: str
    reason: str
    entity: str | None = None
    delivery_date: date | None = None


@dataclass(frozen=True)
class IngestReport:
    """One source on one business date: the files that were new, and what was missing.

    `deliveries` maps each entity to `delivered`, `late` or `missing`; `quarantined_by_rule`
    counts this ingest's rejected records.
    """

    source: str
    business_date: date
    run_id: str
    files: tuple[FileOutcome, ...] = ()
    problems: tuple[Problem, ...] = ()
    deliveries: Mapping[str, str] = field(default_factory=dict)
    quarantined_by_rule: Mapping[str, int] = field(default_factory=dict)

    def count(self, status: Status) -> int:
        """How many files ended with `status`."""
        return sum(outcome.status == status for outcome in self.files)

    def total(self, name: str) -> int:
        """The sum of one field of `Lines` over the files."""
        return sum(getattr(outcome.lines, name) for outcome in self.files)

    @property
    def missing_entities(self) -> tuple[str, ...]:
        """Entities without a usable file for the business date."""
        return tuple(entity for entity, status in self.deliveries.items() if status != "delivered")

    @property
    def new_columns(self) -> dict[str, list[str]]:
        """Delivered columns that no contract knows, by entity."""
        found: dict[str, set[str]] = {}
        for outcome in self.files:
            if outcome.new_columns:
                found.setdefault(outcome.entity, set()).update(outcome.new_columns)
        return {entity: sorted(names) for entity, names in sorted(found.items())}

    @property
    def version_conflicts(self) -> dict[str, int]:
        """Keys delivered twice with one version and different content, by entity."""
        counts: Counter[str] = Counter()
        for outcome in self.files:
            counts[outcome.entity] += outcome.version_conflicts
        return {entity: count for entity, count in sorted(counts.items()) if count}

    def summary(self) -> dict[str, Any]:
        """Counts and names as plain JSON values."""
        bad = [
            {"path": outcome.path, "rule": outcome.rule, "reason": outcome.reason}
            for outcome in self.files
            if outcome.status == "quarantined"
        ]
        return {
            "source": self.source,
            "business_date": self.business_date.isoformat(),
            "files": {
                status: self.count(status)  # type: ignore[arg-type]
                for status in ("loaded", "duplicate", "quarantined", "empty")
            },
            "physical_lines": self.total("physical"),
            "records": {name: self.total(f"{name}_records") for name in ("loaded", "duplicate", "quarantined")},
            "lines": {name: self.total(name) for name in ("loaded", "duplicate", "quarantined", "header", "blank")},
            "loaded_by_entity": _by_entity(self.files),
            "quarantined_by_rule": dict(self.quarantined_by_rule),
            "quarantined_files": bad,
            "problems": [_plain(asdict(problem)) for problem in self.problems],
            "deliveries": dict(self.deliveries),
            "missing_entities": list(self.missing_entities),
            "new_columns": self.new_columns,
            "version_conflicts": self.version_conflicts,
        }


def _by_entity(files: Iterable[FileOutcome]) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for outcome in files:
        counts[outcome.entity] += outcome.lines.loaded_records
    return dict(sorted(counts.items()))


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in values.items()}
