"""Kinds of dirt in deliveries, and the ledger of what was put in.

Dirt never changes what is true: wrong values are set right by a later delivery, broken and false
records have keys of their own. A door that catches exactly what the ledger lists lets exactly the
truth through.
"""

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

#: Each kind and what it does.
KINDS: Mapping[str, str] = {
    "malformed": "records that break their contract, beside the true ones",
    "bots": "sessions of crawlers",
    "internal": "sessions from the company's own network",
    "utm_drift": "spellings of tags that differ in case",
    "free_mail": "people who write from a free-mail address",
    "duplicate_people": "the same address as a second, untouched lead",
    "duplicate_accounts": "a company entered twice, merged on a later night",
    "deletes": "leads made for a test, deleted on a later night",
    "corrections": "amounts entered ten times too high, set right on a later night",
    "late_rows": "sessions delivered a night after they happened",
    "overlapping": "rows of the night before, delivered again in the next file",
    "redelivered": "a file delivered again, byte for byte, under another name",
    "schema_drift": "a new column from one night on",
    "time_zones": "timestamps with an offset of their own",
}


@dataclass(frozen=True)
class Defect:
    """One injected defect: `file` relative to the landing folder, `line` 1-based (0: the whole file)."""

    file: str
    line: int
    kind: str
    key: str


@dataclass
class Ledger:
    """All injected defects. `marks` says per extract which keys are of which kind before they have a line."""

    defects: list[Defect] = field(default_factory=list)
    marks: dict[str, dict[str, str]] = field(default_factory=dict)

    def mark(self, name: str, kind: str, keys: Iterable[str]) -> None:
        """Note that records with these keys are a defect, wherever they will be written."""
        self.marks.setdefault(name, {}).update(dict.fromkeys(keys, kind))

    def add(self, other: "Ledger") -> None:
        """Take over another ledger's entries."""
        self.defects += other.defects
        for name, keys in other.marks.items():
            self.marks.setdefault(name, {}).update(keys)

    def write(self, path: Path) -> None:
        """Write file, line, kind, key, by file and line."""
        path.parent.mkdir(parents=True, exist_ok=True)
        text = io.StringIO()
        rows = csv.writer(text, lineterminator="\n")
        rows.writerow(["file", "line", "kind", "key"])
        rows.writerows(sorted((d.file, d.line, d.kind, d.key) for d in self.defects))
        path.write_text(text.getvalue(), encoding="utf-8")


def kinds_of(dirt: bool | str | Iterable[str]) -> frozenset[str]:
    """The kinds that `dirt` asks for: True all, False none, else names (or a comma list of them).

    Raises `ValueError` naming the unknown one.
    """
    if isinstance(dirt, bool):
        return frozenset(KINDS) if dirt else frozenset()
    names = [name.strip() for name in dirt.split(",")] if isinstance(dirt, str) else list(dirt)
    for name in names:
        if name not in KINDS:
            raise ValueError(f"unknown dirt {name!r}; known: {', '.join(sorted(KINDS))}")
    return frozenset(names)
