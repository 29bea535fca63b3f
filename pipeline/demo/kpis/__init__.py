"""Every KPI counted from what happened, apart from any mart: `truth/kpis.csv`, which marts must equal."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from pipeline.demo.kpis import (
    acquisition,
    cases,
    cycle_lengths,
    dead_leads,
    funnel,
    handovers,
    leads,
    meetings,
    pipeline,
    plans,
    products,
    retention,
    sourcing,
    stage_lengths,
    surveys,
    wins,
)
from pipeline.demo.kpis.cells import COLUMNS
from pipeline.demo.kpis.known import Known
from pipeline.demo.write import write_csv_parts

SUBJECTS = (
    wins,
    cycle_lengths,
    stage_lengths,
    funnel,
    handovers,
    leads,
    dead_leads,
    meetings,
    retention,
    acquisition,
    pipeline,
    sourcing,
    plans,
    products,
    cases,
    surveys,
)
#: One function per subject; each gives the rows of its figures.
FIGURES: tuple[Callable[[Known], list[pd.DataFrame]], ...] = tuple(subject.figures for subject in SUBJECTS)


_SCHEMA = pa.schema([(name, pa.float64() if name in COLUMNS[-4:] else pa.string()) for name in COLUMNS])


def kpis_of(known: Known) -> Iterator[pd.DataFrame]:
    """The rows of one kpi after another, by kind of value, period and segment."""
    tables: dict[str, list[pd.DataFrame]] = {}
    for figures in FIGURES:
        for table in figures(known):
            if len(table):
                tables.setdefault(table.kpi.iloc[0], []).append(table)
    for kpi in sorted(tables):
        rows = pd.concat(tables.pop(kpi), ignore_index=True)
        users = rows.segment_type.isin(["owner", "manager"]) & (rows.segment_value != "not_recorded")
        rows.loc[users, "segment_value"] = "005" + rows.segment_value[users].astype(int).astype(str).str.zfill(15)
        yield rows.sort_values(list(COLUMNS[1:6]), kind="stable", ignore_index=True)


def write_kpis(path: Path, known: Known) -> None:
    """kpis.csv; doubles with 12 digits, so that a last bit never shows."""
    write_csv_parts(path, (_as_written(rows) for rows in kpis_of(known)))


def _as_written(rows: pd.DataFrame) -> pa.Table:
    numbers = {name: _rounded(rows[name].to_numpy(dtype=np.float64)) for name in COLUMNS[-4:]}
    return pa.Table.from_pandas(rows.assign(**numbers), schema=_SCHEMA, preserve_index=False)


def _rounded(numbers: np.ndarray, digits: int = 12) -> np.ndarray:
    """Numbers with so many significant digits."""
    size = np.floor(np.log10(np.abs(np.where((numbers == 0) | np.isnan(numbers), 1, numbers))))
    scale = 10.0 ** np.abs(digits - 1 - size)
    is_small = size < digits
    whole = np.rint(np.where(is_small, numbers * scale, numbers / scale))
    return np.where(is_small, whole / scale, whole * scale)
