"""The nights after the first delivery: one file per extract for the whole company, with their own dirt."""

from pathlib import Path

import numpy as np
import pyarrow as pa

from pipeline.demo.deliver import Night, Writer
from pipeline.demo.rng import COMPANY, stream

_LATE = "web/sessions"
_OVERLAP = "email/events"
_DRIFTS = "salesforce/leads"
_AGAIN = "web/form_fills"

#: Rows by night number and extract, in block order.
Later = dict[tuple[int, str], list[pa.Table]]


def write_nights(later: Later, nights: tuple[Night, ...], writer: Writer, seed: int) -> None:
    """Write the files of each night after the first; rows that come late or twice are noted in the ledger."""
    tables = {key: pa.concat_tables(parts) for key, parts in later.items()}
    if "late_rows" in writer.kinds:
        _hold_back(tables, len(nights), writer, seed)
    if "overlapping" in writer.kinds:
        _overlap(tables, nights, writer)
    paths: dict[tuple[int, str], Path] = {}
    for (number, name), table in sorted(tables.items(), key=lambda item: item[0]):
        if table.num_rows == 0:
            continue
        drifts = "schema_drift" in writer.kinds and name == _DRIFTS and number >= 2
        paths[number, name] = writer.write(nights[number], name, table, "night", drifts)
    if "redelivered" in writer.kinds:
        for number in range(1, len(nights) - 1):
            if (number, _AGAIN) in paths:
                writer.again(paths[number, _AGAIN], nights[number + 1])


def _hold_back(tables: dict[tuple[int, str], pa.Table], count: int, writer: Writer, seed: int) -> None:
    """Some sessions of each night but the last arrive a night later."""
    held: list[pa.Table] = []
    for number in range(1, count):
        table = tables.get((number, _LATE))
        if table is not None and number < count - 1:
            late = stream(seed, COMPANY, f"late {number}").random(table.num_rows) < 0.03
            arriving, later = table.filter(pa.array(~late)), table.filter(pa.array(late))
            writer.ledger.mark(_LATE, "late_rows", later["session_id"].to_pylist())
        else:
            arriving, later = table, None
        parts = [part for part in (arriving, *held) if part is not None and part.num_rows]
        if parts:
            tables[number, _LATE] = pa.concat_tables(parts)
        else:
            tables.pop((number, _LATE), None)
        held = [] if later is None else [later]


def _overlap(tables: dict[tuple[int, str], pa.Table], nights: tuple[Night, ...], writer: Writer) -> None:
    """Each night's mailing export starts some rows before the last one ended."""
    count = len(nights)
    before = {number: tables.get((number, _OVERLAP)) for number in range(1, count)}
    for number in range(2, count):
        earlier, table = before[number - 1], before[number]
        if earlier is None or table is None:
            continue
        again = earlier.slice(earlier.num_rows - int(np.ceil(earlier.num_rows * 0.1)))
        tables[number, _OVERLAP] = pa.concat_tables([again, table])
        writer.ledger.mark(f"{_OVERLAP}@{nights[number].date}", "overlapping", again["event_id"].to_pylist())
