"""Fitting: a model's summary run in the engine, its fit on the result, and the intervals from the replicates."""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd

from pipeline.attribution.fit_inputs import FitInputs, replicate_weights
from pipeline.attribution.fitted import Fit, FittedModel, FrozenFit, NotEnoughData, Summary
from pipeline.warehouse.base import Warehouse

#: The interval holds what lies between these quantiles of the replicates.
INTERVAL = (0.05, 0.95)

FITTED, NOT_FITTED = "fitted", "not_enough_data"


@dataclass(frozen=True)
class Counts:
    """What a fit had to learn from."""

    journeys: float = 0.0
    conversions: float = 0.0
    touches: int = 0
    accounts: int = 0
    channels: int = 0
    data_from: datetime | None = None
    data_until: datetime | None = None

    @property
    def non_conversions(self) -> float:
        """Journeys that did not convert."""
        return self.journeys - self.conversions


@dataclass(frozen=True)
class ChannelFigures:
    """What a fit says of one channel: the raw effect, and the share of all conversions with its interval."""

    channel: str
    raw_effect: float
    credit_share: float
    conversions: float
    interval_low: float | None
    interval_high: float | None


@dataclass(frozen=True)
class FitResult:
    """One fit of one model to one conversion type, or why there is none."""

    model: FittedModel
    conversion_type: str
    status: str
    reason: str
    counts: Counts
    fit: Fit | None = None
    seconds: float = 0.0
    warnings: list[str] = field(default_factory=list)

    def frozen(self, fit_number: int = 0) -> FrozenFit:
        """The numbers that credits are computed from."""
        if self.fit is None:
            return FrozenFit(fit_number, is_fitted=False, reason=self.reason)
        numbers = {name: np.asarray(values, float) for name, values in self.fit.parameters.items()}
        channels = {
            channel: {name: float(values[place]) for name, values in numbers.items()}
            for place, channel in enumerate(self.fit.channels)
        }
        constants = {name: float(value) for name, value in self.fit.constants.items()}
        return FrozenFit(fit_number, is_fitted=True, channels=channels, constants=constants)

    def channels(self) -> list[ChannelFigures]:
        """Every channel's figures, the largest share first."""
        if self.fit is None:
            return []
        shares, effects = self.fit.channel_shares, self.fit.effects[0]
        low = high = None
        if len(shares) > 1:
            low, high = np.nanquantile(shares[1:], INTERVAL, axis=0)
            # A mean of many fits lies above nearly all replicates where those have nothing.
            low, high = np.minimum(low, shares[0]), np.maximum(high, shares[0])
        figures = [
            ChannelFigures(
                channel,
                float(effects[place]),
                float(shares[0, place]),
                float(shares[0, place]) * self.counts.conversions,
                float(low[place]) if low is not None else None,
                float(high[place]) if high is not None else None,
            )
            for place, channel in enumerate(self.fit.channels)
        ]
        return sorted(figures, key=lambda one: (-one.credit_share, one.channel))


class _Frames(Mapping[str, pd.DataFrame]):
    """The results of queries by name, each run when it is first asked for."""

    def __init__(self, warehouse: Warehouse, queries: Mapping[str, str]) -> None:
        self.warehouse, self.queries = warehouse, queries
        self.known: dict[str, pd.DataFrame] = {}

    def __getitem__(self, name: str) -> pd.DataFrame:
        if name not in self.known:
            self.known[name] = self.warehouse.arrow(self.queries[name]).to_pandas()
        return self.known[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.queries)

    def __len__(self) -> int:
        return len(self.queries)


class Fitter:
    """Fits models on one set of fit inputs; the replicates' weights are drawn once for all of them."""

    def __init__(self, warehouse: Warehouse, inputs: FitInputs) -> None:
        self.warehouse, self.inputs = warehouse, inputs
        self._weights: dict[tuple[int, int], tuple[np.ndarray, np.ndarray]] = {}
        self._counts: dict[str, Counts] = {}

    def fit(self, model: FittedModel, conversion_type: str) -> FitResult:
        """The model's fit to one conversion type; the same inputs always give the same fit."""
        started, counts, values = time.monotonic(), self.counts(conversion_type), model.effective
        reason = self._lacking(model, counts, values)
        if reason:
            return FitResult(model, conversion_type, NOT_FITTED, reason, counts)
        relations = self.inputs.relations(conversion_type)
        queries = model.summary(relations, values)
        weights, sizes = self._weights_of(int(values["replicates"]), int(values["seed"]))
        frames = _Frames(self.warehouse, queries)
        try:
            fit = model.fit(Summary(frames, weights, sizes, int(values["seed"])), values)
        except NotEnoughData as error:
            return FitResult(model, conversion_type, NOT_FITTED, str(error), counts)
        seconds = time.monotonic() - started
        return FitResult(model, conversion_type, FITTED, "", counts, fit, seconds, list(fit.warnings))

    def counts(self, conversion_type: str) -> Counts:
        """What there is to learn from, for one conversion type."""
        if conversion_type not in self._counts:
            relations = self.inputs.relations(conversion_type)
            row = self.warehouse.rows(
                f"""select sum(weight), sum(case when is_converted then weight else 0e0 end),
                    count(distinct coalesce(account_id, journey_id)), min(ended_at), max(ended_at)
                from {relations.journeys} as journey"""
            )[0]
            touches, channels = self.warehouse.rows(
                f"select count(*), count(distinct channel) from {relations.touches} as touch"
            )[0]
            self._counts[conversion_type] = Counts(
                float(row[0] or 0), float(row[1] or 0), touches, row[2], channels, row[3], row[4]
            )
        return self._counts[conversion_type]

    def _lacking(self, model: FittedModel, counts: Counts, values: Mapping[str, Any]) -> str:
        if model.needs_accounts and not self.inputs.has_accounts:
            return "there are no accounts at risk to learn from"
        for name, there, what in (
            ("min_conversions", counts.conversions, "conversions"),
            ("min_non_conversions", counts.non_conversions, "journeys that did not convert"),
        ):
            if there < values[name]:
                return f"{there:g} {what}, and {name} is {values[name]:g}"
        return "" if counts.channels else "no touches"

    def _weights_of(self, replicates: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
        if (replicates, seed) not in self._weights:
            self._weights[replicates, seed] = replicate_weights(self.warehouse, replicates, seed)
        return self._weights[replicates, seed]
