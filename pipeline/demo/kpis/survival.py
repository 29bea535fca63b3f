"""Median durations of which some have not ended, by Kaplan & Meier (1958, JASA 53:282)."""

import numpy as np
import pandas as pd

from pipeline.demo.kpis.cells import COLUMNS, SEGMENT_KEYS, in_periods


def medians(kpi: str, spells: pd.DataFrame, start: pd.Series, segments: dict[str, str]) -> pd.DataFrame:
    """`survival_median` per period of the start: the first length that half or less outlasts, NaN where more do.

    spells: `days` (until now for what has not ended), `is_ended`, and the columns of the segments.
    """
    units = in_periods(spells[["days", "is_ended", *segments.values()]], start)
    rows = []
    for segment, column in {"overall": "", **segments}.items():
        cells = units.assign(segment_type=segment, segment_value=units[column] if column else "all")
        groups = cells.groupby(SEGMENT_KEYS)
        order = np.argsort(groups.ngroup().to_numpy(), kind="stable")
        days, is_ended = cells.days.to_numpy()[order], cells.is_ended.to_numpy(dtype=bool)[order]
        last = 0
        for key, count in groups.size().items():
            first, last = last, last + count
            rows.append((*key, _median(days[first:last], is_ended[first:last]), count))
    table = pd.DataFrame(rows, columns=[*SEGMENT_KEYS, "value", "n"])
    table = table.astype({"value": float}).assign(
        kpi=kpi, value_kind="survival_median", numerator=np.nan, denominator=np.nan
    )
    return table[list(COLUMNS)]


def _median(days: np.ndarray, is_ended: np.ndarray) -> float:
    length = days.astype(np.int64)
    count = np.bincount(length)
    there = count[::-1].cumsum()[::-1]
    ended = np.bincount(length[is_ended], minlength=len(count))
    going_on = np.cumprod(1 - ended / there)
    # Half within the noise of doubles.
    return float(np.argmax(going_on <= 0.5 + 1e-12)) if going_on[-1] <= 0.5 + 1e-12 else np.nan
