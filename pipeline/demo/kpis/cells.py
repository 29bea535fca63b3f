"""Periods and segments that figures are counted by, in numpy and pandas: nothing here knows a mart."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

#: Columns of `truth/kpis.csv`; `period_start` is empty for all_time. `value` follows from numerator and denominator
#: where it is a quotient, else from the units themselves.
COLUMNS = ("kpi", "value_kind", "period_grain", "period_start", "segment_type", "segment_value", "value", "numerator",
           "denominator", "n")  # fmt: skip
#: Periods, as pandas calls them, and the months of each.
GRAINS = {"month": "M", "quarter": "Q"}
_MONTHS = {"month": 1, "quarter": 3}


def date_of(seconds: pd.Series) -> pd.Series:
    """The date (UTC) of seconds since 1970, NaT where there is none."""
    return pd.Series(pd.to_datetime(seconds, unit="s").dt.floor("D"), index=seconds.index)


def days_between(earlier: pd.Series, later: pd.Series) -> pd.Series:
    """Calendar days from one second to another, by their dates."""
    return (date_of(later) - date_of(earlier)).dt.days


class Cells:
    """Units (one a row) by the periods that hold their date, all time among them, and by each segment type.

    segments: {segment type: column of units}; `overall` is added. Methods give the rows of one figure, a cell each.
    """

    def __init__(self, units: pd.DataFrame, date: pd.Series, segments: Mapping[str, str] | None = None) -> None:
        starts = {"all_time": np.full(len(units), "", dtype=object)}
        for grain in GRAINS:
            starts[grain] = _days_of(date, grain)[0].astype(str).astype(object)
        columns = {"overall": np.full(len(units), "all", dtype=object)}
        for segment, column in (segments or {}).items():
            columns[segment] = units[column].fillna("not_recorded").to_numpy()
        codes, keys, cells = [], [], 0
        for segment, values in columns.items():
            value_codes, value_names = pd.factorize(values)
            for grain, start in starts.items():
                start_codes, start_names = pd.factorize(start)
                code, found = pd.factorize(start_codes * len(value_names) + value_codes)
                codes.append(code + cells)
                cells += len(found)
                place, name = np.divmod(found, max(len(value_names), 1))
                keys.append(
                    pd.DataFrame(
                        {
                            "period_grain": grain,
                            "period_start": np.asarray(start_names, dtype=object)[place],
                            "segment_type": segment,
                            "segment_value": np.asarray(value_names, dtype=object)[name],
                        }
                    )
                )
        self._codes, self._keys, self._cells = np.concatenate(codes), pd.concat(keys, ignore_index=True), cells
        self._times = len(codes)

    def _sum(self, values: object) -> np.ndarray:
        """Per cell; a single number stands for every unit."""
        units = np.broadcast_to(np.asarray(values, dtype=np.float64), len(self._codes) // self._times)
        return np.bincount(self._codes, weights=np.tile(units, self._times), minlength=self._cells)

    def _rows(self, kpi: str, kind: str, value: np.ndarray, numerator: object, denominator: object, n: object):
        rows = self._keys.assign(
            kpi=kpi, value_kind=kind, value=value, numerator=numerator, denominator=denominator, n=n
        )
        return rows[list(COLUMNS)]

    def ratios(self, kpi: str, numerator: object, denominator: object = 1, n: object = None) -> pd.DataFrame:
        """A sum over units divided by another; `n` is the denominator where it is not given."""
        top, bottom = self._sum(numerator), self._sum(denominator)
        return self._rows(kpi, "ratio", quotient(top, bottom), top, bottom, bottom if n is None else self._sum(n))

    def sums(self, kpi: str, values: object, kind: str = "sum") -> pd.DataFrame:
        """A sum over units, or a count of those that a condition marks."""
        total = self._sum(values)
        return self._rows(kpi, kind, total, np.nan, np.nan, total if kind.endswith("count") else self._sum(1))

    def durations(self, kpi: str, length: pd.Series) -> pd.DataFrame:
        """`mean`, `median` and `p90` of lengths, of those that are known (linear between neighbours)."""
        values = np.tile(length.to_numpy(dtype=np.float64), self._times)
        known = ~np.isnan(values)
        order = np.lexsort((values[known], self._codes[known]))
        values, codes = values[known][order], self._codes[known][order]
        count = np.bincount(codes, minlength=self._cells)
        total = np.where(count > 0, np.bincount(codes, weights=values, minlength=self._cells), np.nan)
        first = np.concatenate([[0], np.cumsum(count)[:-1]])
        tables = [self._rows(kpi, "mean", quotient(total, count), total, count, count)]
        for kind, share in (("median", 0.5), ("p90", 0.9)):
            place = np.maximum(count - 1, 0) * share
            low = np.floor(place).astype(int)
            high = np.minimum(low + 1, np.maximum(count - 1, 0))
            padded = np.append(values, np.nan)
            spot = np.where(count > 0, first + low, len(values))
            above = np.where(count > 0, first + high, len(values))
            value = padded[spot] + (place - low) * (padded[above] - padded[spot])
            tables.append(self._rows(kpi, kind, value, np.nan, np.nan, count))
        return pd.concat(tables, ignore_index=True)


def quotient(numerator: np.ndarray, denominator: np.ndarray) -> np.ndarray:
    """Nothing (NaN) where there is nothing to divide by."""
    return np.divide(numerator, denominator, out=np.full(len(numerator), np.nan), where=np.asarray(denominator) > 0)


SEGMENT_KEYS = ["period_grain", "period_start", "segment_type", "segment_value"]


def in_periods(units: pd.DataFrame, date: pd.Series, grains: tuple[str, ...] = (*GRAINS, "all_time")) -> pd.DataFrame:
    """Each unit once per period that holds its date: with period_grain, period_start and period_end (a last day).

    All time starts with nothing and never ends.
    """
    parts = []
    for grain in grains:
        if grain == "all_time":
            parts.append(units.assign(period_grain=grain, period_start="", period_end=pd.Timestamp.max.normalize()))
            continue
        first, last = _days_of(date, grain)
        start, end = first.astype(str).astype(object), last.astype("datetime64[ns]")
        parts.append(units.assign(period_grain=grain, period_start=start, period_end=end))
    return pd.concat(parts, ignore_index=True)


def _days_of(date: pd.Series, grain: str) -> tuple[np.ndarray, np.ndarray]:
    """The first and last day of the period that holds each date."""
    months = _MONTHS[grain]
    number = date.to_numpy().astype("datetime64[M]").astype(np.int64) // months * months
    first, following = (n.astype("datetime64[M]").astype("datetime64[D]") for n in (number, number + months))
    return first, following - np.timedelta64(1, "D")


def sums_of(units: pd.DataFrame, segments: Mapping[str, str], names: list[str]) -> pd.DataFrame:
    """Sums of columns of units that know their period, per period and segment: the index is `SEGMENT_KEYS`."""
    tables = []
    for segment, column in {"overall": "", **segments}.items():
        value = units[column].fillna("not_recorded") if column else "all"
        known = units.assign(segment_type=segment, segment_value=value)
        tables.append(known.groupby(SEGMENT_KEYS)[names].sum())
    return pd.concat(tables)


def figure(
    sums: pd.DataFrame, kpi: str, numerator: object, denominator: object = None, n: object = 0, kind: str = "ratio"
) -> pd.DataFrame:
    """The rows of one figure from sums per cell; without a denominator its value is the numerator itself."""
    top = np.asarray(numerator, dtype=np.float64)
    bottom = np.nan if denominator is None else np.asarray(denominator, dtype=np.float64)
    value = top if denominator is None else quotient(top, bottom)
    rows = sums.reset_index()[SEGMENT_KEYS]
    rows = rows.assign(kpi=kpi, value_kind=kind, value=value, numerator=top, denominator=bottom, n=np.asarray(n))
    return rows[list(COLUMNS)]
