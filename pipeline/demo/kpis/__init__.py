"""Every KPI counted from what happened, apart from any mart: `truth/kpis.csv`, which marts must equal."""

from collections.abc import Callable
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
from pipeline.demo.write import write_table

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


def kpis_of(known: Known) -> pd.DataFrame:
    """All figures, one row per kpi, kind of value, period and segment."""
    tables = [table for figures in FIGURES for table in figures(known)]
    rows = pd.concat([table for table in tables if len(table)], ignore_index=True)
    users = rows.segment_type.isin(["owner", "manager"]) & (rows.segment_value != "not_recorded")
    rows.loc[users, "segment_value"] = "005" + rows.segment_value[users].astype(int).astype(str).str.zfill(15)
    return rows.sort_values(list(COLUMNS[:6]), kind="stable", ignore_index=True)


def write_kpis(path: Path, known: Known) -> None:
    """kpis.csv; doubles with 12 digits, so that a last bit never shows."""
    rows = kpis_of(known)
    numbers = {name: _rounded(rows[name].to_numpy(dtype=np.float64)) for name in COLUMNS[-4:]}
    write_table(path, pa.Table.from_pandas(rows.assign(**numbers), preserve_index=False))


def _rounded(numbers: np.ndarray, digits: int = 12) -> np.ndarray:
    """Numbers with so many significant digits."""
    size = np.floor(np.log10(np.abs(np.where((numbers == 0) | np.isnan(numbers), 1, numbers))))
    scale = 10.0 ** np.abs(digits - 1 - size)
    is_small = size < digits
    whole = np.rint(np.where(is_small, numbers * scale, numbers / scale))
    return np.where(is_small, whole / scale, whole * scale)
