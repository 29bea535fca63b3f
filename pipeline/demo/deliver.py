"""Splits extracts into the nights on which they are delivered, and writes them to the landing folder."""

import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.demo.company import Company
from pipeline.demo.dirt import Defect, Ledger
from pipeline.demo.dirt_lines import malformed_lines
from pipeline.demo.extract import Extract
from pipeline.demo.write import write_csv_with, write_table

_ALWAYS = -(2**62)


@dataclass(frozen=True)
class Night:
    """One delivery: its folder's date, and the seconds (after, until] that it adds."""

    date: date
    after: int
    until: int


def nights_of(company: Company, count: int) -> tuple[Night, ...]:
    """The first delivery with all history, then one a night for the last `count` nights."""
    if not 0 <= count < company.days:
        raise ValueError(f"nights must be between 0 and {company.days - 1}, not {count}")
    nights = []
    after = _ALWAYS
    for back in range(count, -1, -1):
        day = company.end_date - timedelta(days=back)
        until = int(np.datetime64(day + timedelta(days=1), "s").astype(np.int64)) - 1
        nights.append(Night(day, after, until))
        after = until
    return tuple(nights)


#: An extract of what never changes, or a function from a second to the extract as known then.
Told = Extract | Callable[[int], Extract]


def deliveries(told: Iterable[Told], nights: tuple[Night, ...]) -> list[tuple[int, Extract]]:
    """What each night (by its number) adds of each extract, nights without news left out."""
    parts = []
    for item in told:
        for number, night in enumerate(nights):
            extract = item(night.until) if callable(item) else item
            part = extract.between(night.after, night.until)
            if part.rows.num_rows:
                parts.append((number, part))
    return parts


@dataclass(frozen=True)
class Writer:
    """Writes the files of deliveries with those kinds of dirt that belong to files, and notes them in the ledger."""

    landing: Path
    seed: int
    file_format: str
    kinds: frozenset[str]
    ledger: Ledger

    def write(self, night: Night, name: str, rows: pa.Table, part: str, new_column: bool = False) -> Path:
        """Write `<source>/<entity>/<date>/<entity>_<part>.<format>` and return its path."""
        file = f"{name}/{night.date.isoformat()}/{name.split('/')[1]}_{part}.{self.file_format}"
        path = self.landing / file
        is_csv = ".csv" in file
        broken = malformed_lines(self.seed, file, rows) if "malformed" in self.kinds and is_csv else []
        if new_column:
            rows = rows.append_column("Consent__c", pa.array(["yes"] * rows.num_rows))
            broken = [(row, line + b",yes", kind, key) for row, line, kind, key in broken]
            self.ledger.defects.append(Defect(file, 1, "schema_drift", "Consent__c"))
        if "time_zones" in self.kinds and is_csv and name == "email/events":
            rows = _with_offset(rows, "occurred_at")
            self.ledger.defects.append(Defect(file, 0, "time_zones", "occurred_at"))
        numbers = []
        if broken:
            numbers = write_csv_with(path, rows, [(row, line) for row, line, _, _ in broken])
        else:
            write_table(path, rows)
        for number, (_, _, kind, key) in zip(numbers, broken, strict=True):
            self.ledger.defects.append(Defect(file, number, f"malformed:{kind}", key))
        marks = self.ledger.marks.get(name, {}) | self.ledger.marks.get(f"{name}@{night.date}", {})
        self._note(file, rows, marks, [row for row, _, _, _ in broken])
        return path

    def _note(self, file: str, rows: pa.Table, marks: dict[str, str], broken_before: list[int]) -> None:
        """Give marked records in a file their line."""
        if not marks:
            return
        spots = np.flatnonzero(pc.is_in(rows.column(0), pa.array(list(marks), pa.string())).to_numpy())
        lines = spots + 2 + np.searchsorted(broken_before, spots, side="right")
        for spot, line in zip(spots, lines, strict=True):
            key = rows.column(0)[int(spot)].as_py()
            self.ledger.defects.append(Defect(file, int(line), marks[key], key))

    def again(self, path: Path, night: Night) -> None:
        """Deliver a file once more, byte for byte, on a later night under another name."""
        copy = path.parent.parent / night.date.isoformat() / f"again_{path.name}"
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copy)
        self.ledger.defects.append(Defect(copy.relative_to(self.landing).as_posix(), 0, "redelivered", path.name))


def _with_offset(rows: pa.Table, name: str) -> pa.Table:
    """The same instants, written as clocks two hours ahead of UTC show them."""
    spot = rows.schema.get_field_index(name)
    ahead = pc.add(rows[name].cast(pa.int64()), 7200).cast(pa.timestamp("s")).cast(pa.string())
    return rows.set_column(spot, name, pc.binary_join_element_wise(ahead, "+02:00", ""))
