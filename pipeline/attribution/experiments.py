"""Experiments calibrate credit: what was measured by holding a channel back corrects what a model says of it.

The factor of a tested channel is its measured increment over the credit that the model gives its touches of the same
window. Factors vary about a common one, which says how far the model is off in general: each by as much as its fit is
unsure of the channel, and all by more where experiments differ by more than that. Each is shrunk towards the common one
by its precision, and the common one towards 1 (Efron, B. and Morris, C. (1975), JASA 70(350)).
Channels nobody tested take the common factor. What the factors take from channels is baseline, so that totals stay.

`expected_gain` says beforehand what an experiment would tell.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from math import isfinite
from types import MappingProxyType
from typing import Any, ClassVar

import numpy as np
from scipy.optimize import minimize_scalar

from pipeline.attribution.expression import double
from pipeline.attribution.model import Model, Parameter
from pipeline.attribution.shares import exact_sum, shares_sql, text
from pipeline.warehouse.base import Warehouse

#: What is believed before any experiment: a common factor of 1, give or take this; channels differ about it by at least
#: and at most so much, since fits are wrong in what they are sure of, and a few vague results seem to differ without
#: bounds.
PRIOR_SPREAD, LEAST_SPREAD, GREATEST_SPREAD = 0.5, 0.2, 1.0
GREATEST_FACTOR = 5.0
#: Of a ratio: a standard error of less than a millionth of the credit is a ratio known for sure.
LEAST_VARIANCE = 1e-12
#: What an experiment is taken to be off by, as a part of the channel's credit, before it is run.
PLANNED_ERROR = 0.1
#: Standard deviations to either side that hold 90% of a normal distribution.
INTERVAL_DEVIATIONS = 1.6449
SUFFIX = "_calibrated"

#: Of a channel: its share of all conversions, and the ends of the 90% interval, where there is one.
Share = tuple[float, float | None, float | None]


@dataclass(frozen=True)
class Experiment:
    """One channel's result: the measured increment and its standard error, and the model's credit for the same.

    relative_error: the standard error of the model's share of the channel, as a part of it; 0 where nobody knows.
    """

    channel: str
    increment: float
    standard_error: float
    credited: float
    relative_error: float = 0.0

    @property
    def is_usable(self) -> bool:
        """Whether there is credit to compare with, and a measure of how sure the result is."""
        return self.credited > 0 and self.standard_error > 0


@dataclass(frozen=True)
class Factor:
    """What a channel's credit is multiplied by, with its 90% interval."""

    value: float = 1.0
    low: float = 1.0
    high: float = 1.0


@dataclass(frozen=True)
class Calibration:
    """The factor of each tested channel, and the common one of those that nobody tested."""

    channels: Mapping[str, Factor] = field(default_factory=dict)
    common: Factor = field(default_factory=Factor)

    def of(self, channel: str) -> Factor:
        """The factor of a channel, tested or not."""
        return self.channels.get(channel, self.common)


@dataclass(frozen=True, kw_only=True)
class CalibratedModel(Model):
    """Another model's credit, a channel's share times its factor by conversion type; the remainder is baseline."""

    member: Model
    calibrations: Mapping[str, Calibration] = field(default_factory=dict)

    common: ClassVar[Mapping[str, Parameter]] = MappingProxyType({})

    def definition(self) -> dict[str, Any]:
        """The definition of what is corrected."""
        return {**super().definition(), "member": self.member.definition()}

    def version_key(self) -> dict[str, Any]:
        """Its definition with the version of what is corrected, and the factors."""
        factors = {kind: asdict(one) for kind, one in sorted(self.calibrations.items())}
        return {**self.definition(), "member": self.member.version_key(), "calibrations": factors}


def calibrated(model: Model, calibrations: Mapping[str, Calibration]) -> CalibratedModel:
    """`model` corrected by experiments, under its name with SUFFIX."""
    return CalibratedModel(
        name=f"{model.name}{SUFFIX}",
        description=f"{model.name}, corrected by experiments",
        member=model,
        calibrations=calibrations,
    )


@dataclass(frozen=True)
class _Known:
    """What experiments say of factors: the common one and its variance, and how channels vary about it (a variance).

    between: of channels nobody tested. channels: of each tested one the precision of its experiments, their precision
    times their ratio, and how it varies about the common one (a variance).
    """

    common: float
    variance: float
    between: float
    channels: Mapping[str, tuple[float, float, float]]


def _known(usable: Sequence[Experiment]) -> _Known:
    names = sorted({one.channel for one in usable})
    number = np.array([names.index(one.channel) for one in usable])
    precision = np.array([1 / max((one.standard_error / one.credited) ** 2, LEAST_VARIANCE) for one in usable])
    weighed = precision * [one.increment / one.credited for one in usable]
    precision, weighed = np.bincount(number, precision), np.bincount(number, weighed)
    unsure = np.zeros(len(names))
    np.maximum.at(unsure, number, [one.relative_error for one in usable])
    own = np.maximum(unsure, LEAST_SPREAD) ** 2
    times = _times(weighed / precision, 1 / precision, own)
    own, between = (np.minimum(times * one, GREATEST_SPREAD**2) for one in (own, LEAST_SPREAD**2))
    pooled = 1 / (1 / precision + own)
    known = 1 / PRIOR_SPREAD**2 + pooled.sum()
    common = (1 / PRIOR_SPREAD**2 + pooled @ (weighed / precision)) / known
    channels = zip(precision.tolist(), weighed.tolist(), own.tolist(), strict=True)
    return _Known(float(common), float(1 / known), float(between), dict(zip(names, channels, strict=True)))


def _times(ratio: np.ndarray, variance: np.ndarray, between: np.ndarray) -> float:
    """How many times `between`, at least once, the ratios say that channels vary; once where they are too vague to say.

    The likelihood's maximum with a penalty of half the squared logarithm, as the likelihood of a few ratios may have
    none (Chung, Y. et al. (2013), "A nondegenerate penalized likelihood estimator for variance parameters in multilevel
    models", Psychometrika 78(4)). ratio: (n); variance: of each, by itself; between: how each varies about the common
    one.
    """

    def objective(logarithm: float) -> float:
        total = variance + np.exp(logarithm) * between
        mean = (ratio / total).sum() / (1 / total).sum()
        return float(np.log(total).sum() + ((ratio - mean) ** 2 / total).sum() + logarithm**2) / 2

    most = 2 * np.log(GREATEST_SPREAD / LEAST_SPREAD)
    return float(np.exp(minimize_scalar(objective, bounds=(0.0, most), method="bounded").x))


def factors_of(experiments: Sequence[Experiment]) -> Calibration:
    """The factors that experiments on one conversion type come to; what has no credit says nothing."""
    usable = [one for one in experiments if one.is_usable]
    if not usable:
        return Calibration()
    known = _known(usable)
    channels: dict[str, Factor] = {}
    for channel, (precision, weighed, own) in known.channels.items():
        certain = precision + 1 / own
        of_common = 1 / (own * certain)
        channels[channel] = _factor(
            weighed / certain + known.common * of_common, 1 / certain + known.variance * of_common**2
        )
    return Calibration(channels, _factor(known.common, known.variance + known.between))


def _factor(value: float, variance: float) -> Factor:
    reach = INTERVAL_DEVIATIONS * np.sqrt(variance)
    return Factor(*(float(np.clip(one, 0, GREATEST_FACTOR)) for one in (value, value - reach, value + reach)))


def calibrated_shares(
    shares: np.ndarray, channels: Sequence[str], experiments: Sequence[Experiment], seed: int
) -> np.ndarray:
    """Shares of all conversions (1 + replicates, channels) as experiments correct them, shaped like `shares`.

    The first row by the factors. Each replicate has its own share, which its credit in the windows moves with, and
    factors drawn from what is then known of them: both errors are in the spread, and what an experiment corrects
    is not counted twice. Where the factors come to more than the whole, in proportion.
    """
    usable = [one for one in experiments if one.is_usable]
    if not usable:
        return shares
    random, found = np.random.default_rng(seed), factors_of(usable)
    rows = [shares[0] * [found.of(channel).value for channel in channels]]
    for one in shares[1:]:
        moved = np.divide(one, shares[0], out=np.ones_like(one), where=(shares[0] > 0) & (one > 0))
        by_channel = dict(zip(channels, moved, strict=True))
        tests = [replace(test, credited=test.credited * by_channel.get(test.channel, 1.0)) for test in usable]
        rows.append(one * _drawn(_known(tests), channels, random))
    corrected = np.array(rows)
    return corrected / np.maximum(corrected.sum(axis=1, keepdims=True), 1.0)


def _drawn(known: _Known, channels: Sequence[str], random: np.random.Generator) -> np.ndarray:
    """A factor of each channel: the common one, the channel's own about it, and both as sure as experiments are."""
    common = known.common + random.normal() * np.sqrt(known.variance)
    tested = np.array([known.channels.get(channel, (0.0, 0.0, known.between)) for channel in channels])
    certain = tested[:, 0] + 1 / tested[:, 2]
    middle = (tested[:, 1] + common / tested[:, 2]) / certain
    return np.clip(middle + random.normal(size=len(channels)) / np.sqrt(certain), 0, GREATEST_FACTOR)


def as_sure_as(shares: Mapping[str, Share], experiments: Sequence[Experiment]) -> list[Experiment]:
    """The experiments with the `relative_error` of their channels' shares."""
    errors = {name: standard_error(low, high) / share for name, (share, low, high) in shares.items() if share > 0}
    return [replace(one, relative_error=errors.get(one.channel, 0.0)) for one in experiments]


def standard_error(low: float | None, high: float | None) -> float:
    """The standard error that a 90% interval stands for; 0 without one."""
    if low is None or high is None or not isfinite(high - low):
        return 0.0
    return (high - low) / (2 * INTERVAL_DEVIATIONS)


def expected_gain(conversions: float, error: float) -> float:
    """Conversions by which a channel's credit is expected to come nearer to the truth by an experiment on it.

    conversions: what the channel is credited; error: the standard error of that. The experiment is taken to measure it
    to PLANNED_ERROR. The mean distance of a normal distribution is sqrt(2 / pi) standard deviations: s before, and
    s e / sqrt(s^2 + e^2) after (Raiffa, H. and Schlaifer, R. (1961), Applied Statistical Decision Theory, ch. 5).
    """
    before = max(error, LEAST_SPREAD * conversions)
    planned = max(PLANNED_ERROR * conversions, 1.0)
    return float(np.sqrt(2 / np.pi) * (before - before * planned / np.hypot(before, planned)))


def worth_testing(shares: Mapping[str, Share], conversions: float) -> list[tuple[str, float]]:
    """Channels nobody tested with the expected gain of an experiment on each, in conversions, the largest first."""
    gains = [
        (channel, expected_gain(share * conversions, standard_error(low, high) * conversions))
        for channel, (share, low, high) in shares.items()
    ]
    return sorted(gains, key=lambda one: (-one[1], one[0]))


def beside_credit(warehouse: Warehouse, experiments: str, credits: str) -> list[tuple[str, Experiment]]:
    """Each experiment, with its conversion type, beside a model's credit for the same, in order of the relation's key.

    experiments: a relation with experiment_key, conversion_type, channel, increment, standard_error, starts_on,
    ends_on, measured_until (days are whole, the last ones included). credits: a relation with conversion_type, channel,
    touched_at, converted_at, conversions. The credit is that of the touches in the window, in conversions until the
    experiment was measured.
    """
    rows = warehouse.rows(
        f"""
        select experiment.conversion_type, experiment.channel, experiment.increment, experiment.standard_error,
            coalesce({exact_sum("credit.conversions")}, 0e0)
        from {experiments} as experiment
        left join {credits} as credit
            on experiment.channel = credit.channel
            and experiment.conversion_type = credit.conversion_type
            and credit.touched_at >= experiment.starts_on
            and credit.touched_at < experiment.ends_on + interval '1' day
            and credit.converted_at < coalesce(experiment.measured_until, experiment.ends_on) + interval '1' day
        group by experiment.experiment_key, experiment.conversion_type, experiment.channel, experiment.increment,
            experiment.standard_error
        order by experiment.experiment_key"""
    )
    return [(kind, Experiment(*row)) for kind, *row in rows]


@shares_sql.register
def _of_calibration(model: CalibratedModel, touches: str, conversions: str) -> str:
    """The member's shares times the factors; where they exceed the whole, in proportion."""
    by_type = " ".join(f"when {text(kind)} then {_factor_sql(one)}" for kind, one in sorted(model.calibrations.items()))
    factor = f"case coalesce(touch.conversion_type, '') {by_type} else 1e0 end" if by_type else "1e0"
    scaled = f"""
        select *, sum(scaled) over (
            partition by conversion_key order by credit_kind, touch_number
            rows between unbounded preceding and unbounded following
        ) as total
        from (
            select share.*, case when share.credit_kind = 'touch' then share.credit_share * {factor} else 0e0 end
                as scaled
            from ({shares_sql(model.member, touches, conversions)}) as share
            left join {touches} as touch
                on share.conversion_key = touch.conversion_key and share.touch_number = touch.touch_number
        ) as weighed"""
    return f"""
    select conversion_key, touch_number, credit_kind, credit_reason,
        case when credit_kind = 'touch' then scaled / greatest(total, 1e0) else credit_share end as credit_share,
        position_roles, base_weight, reallocated_weight
    from ({scaled}) as scaled where credit_kind <> 'baseline'
    union all
    select conversion_key, null, 'baseline', null, 1e0 - max(total), null, 1e0 - max(total), 0e0
    from ({scaled}) as scaled
    where credit_kind <> 'unattributed' group by conversion_key having max(total) < 1e0"""


def _factor_sql(calibration: Calibration) -> str:
    common = double(calibration.common.value)
    named = " ".join(f"when {text(name)} then {double(one.value)}" for name, one in calibration.channels.items())
    return f"case touch.channel {named} else {common} end" if named else common
