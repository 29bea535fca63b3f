"""On the simulated company: how far is each model's credit from what the channels really did?

The truth folder of the simulation says, for each channel and outcome, how many would be lost without the channel.
Those, as parts of their sum, are the true shares; a model's shares are its credit over the channels, what it leaves to
nobody put aside. Credit of a channel that the simulation gives no effect (a direct visit, a meeting that sales held)
has no true share, so all of it counts as misplaced. The distance is the total variation: the part of the credit that
would have to change channel.
"""

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from pathlib import Path

from pipeline.attribution.evaluation.metrics import total_variation
from pipeline.attribution.evaluation.verdict import BASELINES
from pipeline.attribution.ledger import CURRENT
from pipeline.attribution.model_fits import FIT_CHANNELS, FITS
from pipeline.attribution.shares import exact_sum
from pipeline.errors import UsageError
from pipeline.warehouse.base import Warehouse

#: The row of `effects.csv` that tells of everything switched off together; it is no channel.
ALL_CHANNELS = "all_channels"

#: What is read of it, the numbers last.
EFFECT_COLUMNS = ("outcome", "channel", "expected_lost_without", "standard_error")

TOUCH_CREDIT, CHANNEL_CREDIT = "touch_credit", "channel_credit"

#: By (model, conversion type, kind of credit), the credit of each channel.
Credited = Mapping[tuple[str, str, str], Mapping[str, float]]


@dataclass(frozen=True)
class Effect:
    """What a channel really did: its share of all that channels did, with the simulation's standard error."""

    share: float
    standard_error: float


@dataclass(frozen=True)
class Distance:
    """How far one model's credit is from the truth, beside the nearest of the baselines."""

    model_name: str
    conversion_type: str
    credit_kind: str
    total_variation: float
    best_baseline: str | None
    best_baseline_total_variation: float | None

    @property
    def loses(self) -> bool:
        """Whether a baseline, not itself one, is nearer to the truth."""
        best = self.best_baseline_total_variation
        return self.model_name not in BASELINES and best is not None and self.total_variation > best


def read_truth(folder: Path) -> dict[str, dict[str, Effect]]:
    """The true effects by conversion type and channel, from a simulation's `effects.csv`.

    Raises `UsageError` when the folder is not the truth of a simulation.
    """
    path = folder / "effects.csv"
    if not path.is_file():
        raise UsageError(
            f"there is no truth in {folder}: --truth wants the folder `truth` that `touchledger demo` writes, "
            "with effects.csv in it"
        )
    rows = [row for row in _read(path) if row["channel"] != ALL_CHANNELS]
    found: dict[str, dict[str, Effect]] = {}
    for kind in sorted({row["outcome"] for row in rows}):
        lost = {
            row["channel"]: (max(float(row["expected_lost_without"] or 0), 0.0), float(row["standard_error"] or 0))
            for row in rows
            if row["outcome"] == kind
        }
        total = sum(value for value, _ in lost.values())
        if total > 0:
            found[kind] = {channel: Effect(value / total, error / total) for channel, (value, error) in lost.items()}
    return found


def _read(path: Path) -> list[dict[str, str]]:
    """The rows of `effects.csv`; raises `UsageError` with line and column for what no simulation writes."""
    try:
        with path.open(newline="", encoding="utf-8") as file:
            reader = csv.DictReader(file)
            missing = [name for name in EFFECT_COLUMNS if name not in (reader.fieldnames or [])]
            if missing:
                raise UsageError(f"{path} has no column {', '.join(missing)}; write it anew with `touchledger demo`")
            rows = list(reader)
    except (UnicodeDecodeError, csv.Error) as error:
        raise UsageError(f"{path} cannot be read as CSV in UTF-8: {error}") from error
    for line, row in enumerate(rows, 2):
        for name in EFFECT_COLUMNS[2:]:
            try:
                is_number = isfinite(float(row[name] or 0))
            except (TypeError, ValueError):
                is_number = False
            if not is_number:
                raise UsageError(f"{path} line {line}: {name} is {row[name]!r}, not a number")
    return rows


def read_credited(
    warehouse: Warehouse, names: Sequence[str], fit_numbers: Iterable[int]
) -> dict[tuple[str, str, str], dict[str, float]]:
    """The current credit of the named models by channel, and the channel credit of the fits given."""
    found: dict[tuple[str, str, str], dict[str, float]] = {}
    touch = f"""
        select model_name, conversion_type, '{TOUCH_CREDIT}', channel, {exact_sum("credit_share")}
        from {CURRENT} where credit_kind = 'touch' and channel is not null
        group by model_name, conversion_type, channel"""
    fits = f"""
        select fit.model_name, fit.conversion_type, '{CHANNEL_CREDIT}', figure.channel, figure.channel_credit_share
        from {FIT_CHANNELS} as figure inner join {FITS} as fit on figure.fit_number = fit.fit_number
        where figure.fit_number in ({", ".join(map(str, fit_numbers)) or "null"})"""
    queries = [touch, *([fits] if warehouse.exists(FITS) else [])]
    for model, kind, credit_kind, channel, credit in warehouse.rows(
        f"{' union all '.join(queries)} order by 1, 2, 3, 4"
    ):
        if model in names:
            found.setdefault((model, kind, credit_kind), {})[channel] = float(credit or 0)
    return found


def distances(truth: Mapping[str, Mapping[str, Effect]], credited: Credited) -> list[Distance]:
    """The distance of every model's credit, for conversion types whose truth is known; the nearest first."""
    away = {
        key: total_variation(dict(credit), {channel: effect.share for channel, effect in truth[key[1]].items()})
        for key, credit in credited.items()
        if key[1] in truth
    }
    found = []
    for (model, kind, credit_kind), distance in away.items():
        baselines = {name: away[name, kind, TOUCH_CREDIT] for name in BASELINES if (name, kind, TOUCH_CREDIT) in away}
        best = min(baselines, key=lambda name: (baselines[name], name), default=None)
        found.append(Distance(model, kind, credit_kind, distance, best, baselines[best] if best is not None else None))
    return sorted(found, key=lambda one: (one.conversion_type, one.total_variation, one.model_name, one.credit_kind))
