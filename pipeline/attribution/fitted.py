"""What a learnt model declares. A model is one file in `models/`; this and `attribution.model` are all it imports.

A learnt model has three parts, so that rows stay in the engine and only summaries come to Python:

* a *summary*: SQL over the journeys (`Relations`) whose result is small;
* a *fit*: a pure function of the summary, which returns a number per channel and what else it found (`Fit`);
* a *weight*: a SQL expression per touch that reads those numbers. The engine normalises it like any model's.

Every summary is by `group_number`: the account's place among at most a thousand groups. A replicate of the bootstrap
weighs whole groups anew, so a fit that is linear algebra over `Summary.totals` solves all replicates at once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, ClassVar

import numpy as np
import pandas as pd
from scipy import sparse

from pipeline.attribution.model import BUYING_ROLE_WEIGHTS, Model, Number, Parameter
from pipeline.errors import UsageError

__all__ = [
    "Fit",
    "FittedModel",
    "FrozenFit",
    "NotEnoughData",
    "Relations",
    "Summary",
    "normalised_effects",
    "uniform_sql",
]


@dataclass(frozen=True)
class Relations:
    """The relations of one conversion type that a summary may read; each stands where a table's name would.

    journeys: a row per journey, converted or not: journey_key, group_number, account_id, is_converted, weight (how many
        journeys it stands for), ended_at (the conversion, else the loss or the end of what is known), touch_count.
    touches: a row per journey and touch: journey_key, group_number, is_converted, weight, channel, touched_at,
        days_before_end, touch_number from 1, touch_count, channel_touch_count, is_first_of_channel.
    accounts: the risk set, a row per account, touched or not: account_id, group_number, observed_from, observed_until,
        is_converted, converted_at, and the covariates; None where nobody brought one.
    account_touches: a row per account and touch, whether or not a journey holds it: account_id, group_number,
        touched_at, channel; None with `accounts`.
    covariates: the columns of `accounts` that describe an account, each `number` or `text`.

    Instants also stand as days since 1970 with their fraction: ended_day, touched_day, from_day, until_day.
    """

    journeys: str
    touches: str
    accounts: str | None = None
    account_touches: str | None = None
    covariates: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


class NotEnoughData(Exception):
    """Raised by a fit that can answer nothing from what it was given; its text is the reason."""


@dataclass(frozen=True)
class Summary:
    """What the engine made of the journeys for one fit.

    frames: the result of each query of the model's summary, by name, run when it is first asked for. weights: what
    each group counts for, shape (1 + replicates, groups); the first row is the data as they are, all ones. sizes: of
    how many independent journeys each group's weight is the mean (1, save for paths that stand for several). seed: of
    anything drawn.
    """

    frames: Mapping[str, pd.DataFrame]
    weights: np.ndarray
    sizes: np.ndarray
    seed: int = 0

    def totals(self, frame: str, by: Sequence[str], value: str = "weight") -> tuple[pd.DataFrame, np.ndarray]:
        """Sums of a frame's column over the groups, for the data and for every replicate.

        Returns the distinct cells of the columns `by`, sorted, a row each, and their sums, shape
        (1 + replicates, cells).
        """
        rows = self.frames[frame]
        columns = list(by)
        numbers = rows.groupby(columns, dropna=False, sort=True).ngroup().to_numpy()
        cells = rows[columns].assign(_cell=numbers).drop_duplicates("_cell").sort_values("_cell")[columns]
        by_group = sparse.csr_array(
            (rows[value].to_numpy(float), (numbers, rows["group_number"].to_numpy())),
            shape=(len(cells), self.weights.shape[1]),
        )
        return cells.reset_index(drop=True), np.ascontiguousarray((by_group @ self.weights.T).T)


@dataclass(frozen=True)
class Fit:
    """What a fit found.

    channels: those it saw. effects: the raw effect of each, which may be negative, shape (1 + replicates, channels),
    the first row from the data as they are. parameters: what the weight reads, by name, a number per channel.
    constants: numbers of the model as a whole. shares: the part of all conversions that each channel has by the
    model's own definition, shaped like `effects`; its rows sum to 1, or to less where a baseline keeps the rest. By
    default the effects above zero, normalised.
    """

    channels: Sequence[str]
    effects: np.ndarray
    parameters: Mapping[str, Sequence[float] | np.ndarray]
    constants: Mapping[str, float] = field(default_factory=dict)
    shares: np.ndarray | None = None
    diagnostics: Mapping[str, Any] = field(default_factory=dict)
    warnings: Sequence[str] = ()

    @property
    def channel_shares(self) -> np.ndarray:
        """`shares`, or what follows from the effects."""
        return normalised_effects(self.effects) if self.shares is None else self.shares


def normalised_effects(effects: np.ndarray) -> np.ndarray:
    """Effects above zero as parts of their sum along the last axis; zeros where none is above zero."""
    clipped = np.where(np.isfinite(effects), np.maximum(effects, 0.0), 0.0)
    total = clipped.sum(axis=-1, keepdims=True)
    return np.divide(clipped, total, out=np.zeros_like(clipped), where=total > 0)


#: More would take the memory of the machine and tell little.
MOST_REPLICATES = 10_000

#: Digits of a digest that make one random number.
HEX_DIGITS = 8


def uniform_sql(digest: str, start: int = 1) -> str:
    """SQL of a number above 0 and below 1 from eight hexadecimal digits of an md5 digest, from place `start` on."""
    digits = " + ".join(
        f"instr('123456789abcdef', substr({digest}, {start + place}, 1)) * {16 ** (HEX_DIGITS - 1 - place)}e0"
        for place in range(HEX_DIGITS)
    )
    return f"(({digits} + 5e-1) / {16**HEX_DIGITS}e0)"


@dataclass(frozen=True)
class FrozenFit:
    """A fit as credits are computed from: the numbers of each channel, and those of the whole, by name.

    is_fitted is False for "not enough data", with the reason.
    """

    fit_number: int
    is_fitted: bool
    reason: str = ""
    channels: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    constants: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class FittedModel(Model):
    """A model whose weights are learnt from the journeys, each conversion type by itself.

    summary: (relations, parameters) to queries by name, each with `group_number`. fit: (summary, parameters) to a
    `Fit`, or raises `NotEnoughData`. weight: a SQL expression per touch over the touch's columns, the names in
    `reads` (numbers of the touch's channel) and in `reads_constants`; a channel no fit has seen weighs nothing.
    formula: the weight as pages write it, where its SQL is long.
    baseline: a SQL expression, the same for all touches of a conversion, of what no channel earned; shared out with
    the touches' weights and kept as a row of its own. kept: a SQL expression per touch, of what `weight` reads, from 0
    to 1: the part of its weight that stays the touch's own, the rest being baseline too; all of it where empty.
    needs_times, needs_accounts: what a summary cannot do without;
    reads_accounts: it uses the risk set where there is one. fits: the frozen fit of each conversion type, put in by
    the engine.
    """

    summary: Callable[[Relations, Mapping[str, Any]], Mapping[str, str]]
    fit: Callable[[Summary, Mapping[str, Any]], Fit]
    weight: str
    reads: tuple[str, ...]
    reads_constants: tuple[str, ...] = ()
    formula: str = ""
    baseline: str = ""
    kept: str = ""
    needs_times: bool = False
    reads_accounts: bool = False
    needs_accounts: bool = False
    fits: Mapping[str, FrozenFit] = field(default_factory=dict)

    common: ClassVar[Mapping[str, Parameter]] = MappingProxyType(
        {
            "buying_role_weights": BUYING_ROLE_WEIGHTS,
            "min_conversions": Number(20, "conversions of a type below which there is not enough data", above=0),
            "min_non_conversions": Number(20, "journeys that did not convert, likewise", above=0),
            "replicates": Number(
                200, "replicates of the bootstrap that the intervals come from", above=0, at_most=MOST_REPLICATES
            ),
            "seed": Number(0, "of whatever is drawn at random", above=-1),
        }
    )

    def check(self) -> None:
        """Parameters that a weight reads must be there to be read."""
        if not self.reads and not self.reads_constants:
            raise UsageError(f"model {self.name} reads nothing of its fit")

    def version_key(self) -> dict[str, Any]:
        """Its definition and what its fits found: a fit that found something else is a new version of the same."""
        fits = {kind: [fit.is_fitted, fit.channels, fit.constants] for kind, fit in self.fits.items()}
        return {**self.definition(), "fits": fits}
