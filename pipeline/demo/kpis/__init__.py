"""Every KPI counted from what happened, apart from any mart: `truth/kpis.csv`, which marts must equal."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd

from pipeline.demo.kpis import (
    acquisition,
    cases,
    cycle_lengths,
    funnel,
    handovers,
    leads,
    meetings,
    pipeline,
    plans,
    products,
    retention,
    surveys,
    wins,
)
from pipeline.demo.kpis.cells import COLUMNS
from pipeline.demo.kpis.known import Known

SUBJECTS = (
    wins,
    cycle_lengths,
    funnel,
    handovers,
    leads,
    meetings,
    retention,
    acquisition,
    pipeline,
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
    owners = rows.segment_type == "owner"
    rows.loc[owners, "segment_value"] = "005" + rows.segment_value[owners].astype(int).astype(str).str.zfill(15)
    return rows.sort_values(list(COLUMNS[:6]), kind="stable", ignore_index=True)


def write_kpis(path: Path, known: Known) -> None:
    """kpis.csv; doubles with 12 digits, so that a last bit never shows."""
    path.parent.mkdir(parents=True, exist_ok=True)
    kpis_of(known).to_csv(path, index=False, float_format="%.12g", lineterminator="\n")
