"""Splits extracts into the nights on which they are delivered, and writes them to the landing folder."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa

from pipeline.demo.company import Company
from pipeline.demo.dirt import Defect, Ledger, malformed_lines
from pipeline.demo.extract import Extract
from pipeline.demo.write import write_csv_with, write_table

_ALWAYS = -(2**62)


@dataclass(frozen=True)
class Night:
    """One delivery: its folder's date, and the seconds (after, until] that it adds."""

    date: date
    after: int
    until: int


def nights_of(company: Company, count: int) -> list[Night]:
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
    return nights


#: An extract of what never changes, or a function from a second to the extract as known then.
Told = Extract | Callable[[int], Extract]


def deliveries(told: Iterable[Told], nights: list[Night]) -> list[tuple[Night, Extract]]:
    """What each night adds of each extract, nights without news left out."""
    parts = []
    for item in told:
        for night in nights:
            extract = item(night.until) if callable(item) else item
            part = extract.between(night.after, night.until)
            if part.rows.num_rows:
                parts.append((night, part))
    return parts


@dataclass(frozen=True)
class Writer:
    """Writes the files of deliveries; with a ledger, malformed records are put in and noted there."""

    landing: Path
    seed: int
    file_format: str
    ledger: Ledger | None

    def write(self, night: Night, name: str, rows: pa.Table, part: str) -> Path:
        """Write `<source>/<entity>/<date>/<entity>_<part>.<format>` and return its path."""
        file = f"{name}/{night.date.isoformat()}/{name.split('/')[1]}_{part}.{self.file_format}"
        path = self.landing / file
        broken = malformed_lines(self.seed, file, rows) if self.ledger and ".csv" in file else []
        if not broken:
            write_table(path, rows)
            return path
        numbers = write_csv_with(path, rows, [(row, line) for row, line, _, _ in broken])
        for number, (_, _, kind, key) in zip(numbers, broken, strict=True):
            self.ledger.defects.append(Defect(file, number, kind, key))
        return path
