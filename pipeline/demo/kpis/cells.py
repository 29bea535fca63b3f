"""Periods and segments that figures are counted by, in numpy and pandas: nothing here knows a mart."""

from collections.abc import Callable, Iterable, Mapping

import numpy as np
import pandas as pd

#: Columns of `truth/kpis.csv`; `period_start` is empty for all_time. `value` follows from numerator and denominator
#: where it is a quotient, else from the units themselves.
COLUMNS = ("kpi", "value_kind", "period_grain", "period_start", "segment_type", "segment_value", "value", "numerator",
           "denominator", "n")  # fmt: skip
#: Periods, as pandas calls them, and the months of each.
GRAINS = {"month": "M", "quarter": "Q"}
_MONTHS = {"month": 1, "quarter": 3}
#: Of units (their numbers), their cells and how many cells there are: a number each cell.
Measure = Callable[[np.ndarray, np.ndarray, int], np.ndarray]
SEGMENT_KEYS = ["period_grain", "period_start", "segment_type", "segment_value"]


def date_of(seconds: pd.Series) -> pd.Series:
    """The date (UTC) of seconds since 1970, NaT where there is none."""
    values = seconds.to_numpy(dtype=np.float64)
    known = ~np.isnan(values)
    # Not pandas' to_datetime: it rounds what memory happened to hold where there is none, and may fail on that.
    days = np.full(len(values), np.datetime64("NaT", "D"))
    days[known] = np.floor(values[known] / 86400).astype(np.int64).astype("datetime64[D]")
    return pd.Series(days.astype("datetime64[ns]"), index=seconds.index)


def days_between(earlier: pd.Series, later: pd.Series) -> pd.Series:
    """Calendar days from one second to another, by their dates."""
    return (date_of(later) - date_of(earlier)).dt.days


class _Codes:
    """Numbers of the cells of units that know their period, one array a segment type, and the keys of all cells."""

    def __init__(
        self, grain: np.ndarray, start: np.ndarray, period: np.ndarray, segments: Iterable[tuple[str, np.ndarray]]
    ) -> None:
        """`period` numbers the periods of units, whose names are `grain` and `start`; segments: (type, values).

        With more periods than values, all units stand there once for each kind of period.
        """
        self.parts: list[np.ndarray] = []
        self.sizes: list[int] = []
        keys: dict[str, list[np.ndarray]] = {name: [] for name in SEGMENT_KEYS}
        for segment, values in segments:
            codes, names = pd.factorize(values)
            names = np.append(np.asarray(names, dtype=object), "not_recorded")
            codes = np.where(codes < 0, len(names) - 1, codes)
            times = len(period) // max(len(codes), 1)
            code, found = pd.factorize(period * len(names) + np.tile(codes, times))
            place, name = np.divmod(found, len(names))
            self.parts.append(code.astype(np.int32))
            self.sizes.append(len(found))
            keys["period_grain"].append(grain[place])
            keys["period_start"].append(start[place])
            keys["segment_type"].append(np.full(len(found), segment, dtype=object))
            keys["segment_value"].append(names[name])
        self.keys = {name: np.concatenate(parts) for name, parts in keys.items()}

    def sum(self, units: np.ndarray) -> np.ndarray:
        """Per cell; NaN adds nothing."""
        weights = np.nan_to_num(np.asarray(units, dtype=np.float64))
        return np.concatenate(
            [np.bincount(p, weights=weights, minlength=n) for p, n in zip(self.parts, self.sizes, strict=True)]
        )


def _segments(units: pd.DataFrame, segments: Mapping[str, str]) -> Iterable[tuple[str, np.ndarray]]:
    yield "overall", np.full(len(units), "all", dtype=object)
    for segment, column in segments.items():
        yield segment, units[column].to_numpy()


class Cells:
    """Units (one a row) by the periods that hold their date, all time among them, and by each segment type.

    segments: {segment type: column of units}; `overall` is added. Methods give the rows of one figure, a cell each.
    """

    def __init__(self, units: pd.DataFrame, date: pd.Series, segments: Mapping[str, str] | None = None) -> None:
        count = len(units)
        grains, starts, periods, first = [], [], [], 0
        for grain in ("all_time", *GRAINS):
            if grain == "all_time":
                code, names = np.zeros(count, dtype=np.int64), np.array([""], dtype=object)
            else:
                code, names = _named_days(_days_of(date, grain)[0])
            grains.append(np.full(len(names), grain, dtype=object))
            starts.append(names)
            periods.append(code + first)
            first += len(names)
        self._times = len(periods)
        self._codes = _Codes(
            np.concatenate(grains), np.concatenate(starts), np.concatenate(periods), _segments(units, segments or {})
        )
        self._count = count

    def _sum(self, values: object) -> np.ndarray:
        """Per cell; a single number stands for every unit."""
        return self._codes.sum(np.tile(np.broadcast_to(np.asarray(values, dtype=np.float64), self._count), self._times))

    def _rows(self, kpi: str, kind: str, *numbers: object) -> pd.DataFrame:
        return rows_of(self._codes.keys, kpi, kind, *numbers)

    def ratios(self, kpi: str, numerator: object, denominator: object = 1, n: object = None) -> pd.DataFrame:
        """A sum over units divided by another; `n` is the denominator where it is not given."""
        top, bottom = self._sum(numerator), self._sum(denominator)
        return self._rows(kpi, "ratio", quotient(top, bottom), top, bottom, bottom if n is None else self._sum(n))

    def sums(self, kpi: str, values: object, kind: str = "sum") -> pd.DataFrame:
        """A sum over units, or a count of those that a condition marks."""
        total = self._sum(values)
        return self._rows(kpi, kind, total, np.nan, np.nan, total if kind.endswith("count") else self._sum(1))

    def totals(self, columns: Mapping[str, object]) -> pd.DataFrame:
        """Sums of several numbers of the units, for `figure`: one row a cell, with `SEGMENT_KEYS`."""
        return _by_cell(self._codes, {name: self._sum(values) for name, values in columns.items()})

    def measured(self, kpi: str, kind: str, measure: Measure) -> pd.DataFrame:
        """What a function says of each cell; it is given numbers of units, the cell of each, and how many there are."""
        unit = np.tile(np.arange(self._count), self._times)
        parts = zip(self._codes.parts, self._codes.sizes, strict=True)
        value = np.concatenate([measure(unit, cells, size) for cells, size in parts])
        return self._rows(kpi, kind, value, np.nan, np.nan, self._sum(1))

    def durations(self, kpi: str, length: pd.Series) -> pd.DataFrame:
        """`mean`, `median` and `p90` of lengths, of those that are known (linear between neighbours)."""
        values = np.tile(length.to_numpy(dtype=np.float64), self._times)
        known = ~np.isnan(values)
        values = values[known]
        order = np.argsort(values, kind="stable")
        values = values[order]
        parts = [
            _percentiles(values, part[known][order], size)
            for part, size in zip(self._codes.parts, self._codes.sizes, strict=True)
        ]
        count, total, median, high = (np.concatenate(column) for column in zip(*parts, strict=True))
        return pd.concat(
            [
                self._rows(kpi, "mean", quotient(total, count), np.where(count > 0, total, np.nan), count, count),
                self._rows(kpi, "median", median, np.nan, np.nan, count),
                self._rows(kpi, "p90", high, np.nan, np.nan, count),
            ],
            ignore_index=True,
        )


def _percentiles(values: np.ndarray, cells: np.ndarray, size: int) -> tuple[np.ndarray, ...]:
    """Per cell the count, sum, median and ninth decile of its values, which come in ascending order."""
    values = values[np.argsort(cells, kind="stable")]
    count = np.bincount(cells, minlength=size)
    first = np.concatenate([[0], np.cumsum(count)[:-1]])
    total = np.bincount(np.repeat(np.arange(size), count), weights=values, minlength=size)
    padded = np.append(values, np.nan)
    found = []
    for share in (0.5, 0.9):
        place = np.maximum(count - 1, 0) * share
        low = np.floor(place).astype(int)
        high = np.minimum(low + 1, np.maximum(count - 1, 0))
        spot, above = (np.where(count > 0, first + step, len(values)) for step in (low, high))
        found.append(padded[spot] + (place - low) * (padded[above] - padded[spot]))
    return count, total, *found


def quotient(numerator: np.ndarray, denominator: np.ndarray) -> np.ndarray:
    """Nothing (NaN) where there is nothing to divide by."""
    return np.divide(numerator, denominator, out=np.full(len(numerator), np.nan), where=np.asarray(denominator) > 0)


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
        code, names = _named_days(first)
        end = last.astype("datetime64[ns]")
        parts.append(units.assign(period_grain=grain, period_start=names[code], period_end=end))
    return pd.concat(parts, ignore_index=True)


def _days_of(date: pd.Series, grain: str) -> tuple[np.ndarray, np.ndarray]:
    """The first and last day of the period that holds each date."""
    months = _MONTHS[grain]
    number = date.to_numpy().astype("datetime64[M]").astype(np.int64) // months * months
    first, following = (n.astype("datetime64[M]").astype("datetime64[D]") for n in (number, number + months))
    return first, following - np.timedelta64(1, "D")


def _named_days(days: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A number for each day and what the numbers stand for, as texts."""
    code, found = pd.factorize(days.astype(np.int64))
    return code, found.astype("datetime64[D]").astype(str).astype(object)


def sums_of(units: pd.DataFrame, segments: Mapping[str, str], names: list[str]) -> pd.DataFrame:
    """Sums of columns of units that know their period: one row a period and segment, with `SEGMENT_KEYS`."""
    grain, grains = pd.factorize(units.period_grain.to_numpy())
    start, starts = pd.factorize(units.period_start.to_numpy())
    period, found = pd.factorize(grain * max(len(starts), 1) + start)
    place = np.divmod(found, max(len(starts), 1))
    named = (np.asarray(words, dtype=object)[k] for words, k in zip((grains, starts), place, strict=True))
    codes = _Codes(*named, period, _segments(units, segments))
    return _by_cell(codes, {name: codes.sum(units[name].to_numpy(dtype=np.float64)) for name in names})


def _by_cell(codes: _Codes, columns: Mapping[str, np.ndarray]) -> pd.DataFrame:
    return pd.DataFrame(codes.keys | dict(columns))


def figure(
    sums: pd.DataFrame, kpi: str, numerator: object, denominator: object = None, n: object = 0, kind: str = "ratio"
) -> pd.DataFrame:
    """The rows of one figure from sums per cell; without a denominator its value is the numerator itself."""
    top = np.asarray(numerator, dtype=np.float64)
    bottom = np.nan if denominator is None else np.asarray(denominator, dtype=np.float64)
    value = top if denominator is None else quotient(top, bottom)
    return rows_of({name: sums[name].to_numpy() for name in SEGMENT_KEYS}, kpi, kind, value, top, bottom, np.asarray(n))


def rows_of(
    keys: Mapping[str, np.ndarray],
    kpi: str,
    kind: str,
    value: object,
    numerator: object,
    denominator: object,
    n: object,
) -> pd.DataFrame:
    """Rows of one figure and kind of value; `keys` are columns that name the cells."""
    named = {**keys, "kpi": kpi, "value_kind": kind, "value": value, "numerator": numerator,
             "denominator": denominator, "n": n}  # fmt: skip
    return pd.DataFrame({name: named[name] for name in COLUMNS})
