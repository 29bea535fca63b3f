"""Median durations of which some have not ended, by Kaplan & Meier (1958, JASA 53:282)."""

from collections.abc import Mapping
from itertools import pairwise

import numpy as np
import pandas as pd

from pipeline.demo.kpis.cells import Cells


def medians(kpi: str, spells: pd.DataFrame, start: pd.Series, segments: Mapping[str, str]) -> pd.DataFrame:
    """`survival_median` per period of the start: the first length that half or less outlasts, NaN where more do.

    spells: `days` (until now for what has not ended), `is_ended`, and the columns of the segments.
    """
    days, is_ended = spells.days.to_numpy(dtype=np.int64), spells.is_ended.to_numpy(dtype=bool)
    return Cells(spells, start, segments).measured(
        kpi, "survival_median", lambda unit, cell, size: _medians(days[unit], is_ended[unit], cell, size)
    )


def _medians(days: np.ndarray, is_ended: np.ndarray, cell: np.ndarray, size: int) -> np.ndarray:
    """The median of each cell: the product over lengths of the share of those still there that did not end then."""
    order = np.lexsort((days, cell))
    days, is_ended, cell = days[order], is_ended[order], cell[order]
    left = np.bincount(cell, minlength=size)
    there = np.repeat(np.cumsum(left), left) - np.arange(len(cell))
    # Those of one length are looked at together: all of them are there, and some of them end.
    is_first = np.append(True, (cell[1:] != cell[:-1]) | (days[1:] != days[:-1]))[: len(cell)]
    length = np.cumsum(is_first) - 1
    ended = np.bincount(length, weights=is_ended)
    share = 1 - ended / there[is_first]
    of_cell, at = cell[is_first], days[is_first]
    # Lengths of a cell follow each other, so all cells go on by one length at a time.
    place = np.arange(len(of_cell)) - np.searchsorted(of_cell, of_cell)
    bounds = np.concatenate([[0], np.cumsum(np.bincount(place))])
    by_place = np.argsort(place, kind="stable")
    median, going_on = np.full(size, np.nan), np.ones(size)
    for begin, end in pairwise(bounds):
        rows = by_place[begin:end]
        cells = of_cell[rows]
        going_on[cells] *= share[rows]
        # Half within the noise of doubles.
        reached = np.isnan(median[cells]) & (going_on[cells] <= 0.5 + 1e-12)
        median[cells[reached]] = at[rows][reached]
    return median
