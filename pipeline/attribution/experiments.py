"""Experiments calibrate credit: what was measured by holding a channel back corrects what a model says of it.

The factor of a tested channel is its measured increment over the credit that the model gives its touches of the same
window. Factors of several experiments vary about a common one, which says how far the model is off in general; each is
shrunk towards it by its precision, and the common one towards 1 (a random-effects mean: DerSimonian, R. and Laird, N.
(1986), Controlled Clinical Trials 7(3); shrunken estimates: Efron, B. and Morris, C. (1975), JASA 70(350)). Channels
nobody tested take the common factor. What the factors take from channels is baseline, so that totals stay.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from types import MappingProxyType
from typing import Any, ClassVar

import numpy as np

from pipeline.attribution.expression import double
from pipeline.attribution.model import Model, Parameter
from pipeline.attribution.shares import exact_sum, shares_sql, text
from pipeline.warehouse.base import Warehouse

#: What is believed before any experiment: a common factor of 1, give or take this; channels differ about it by at least
#: and at most so much, since a few vague results on channels of little credit seem to differ without bounds.
PRIOR_SPREAD, LEAST_SPREAD, GREATEST_SPREAD = 0.5, 0.2, 1.0
GREATEST_FACTOR = 5.0
#: Of a ratio: a standard error of less than a millionth of the credit is a ratio known for sure.
LEAST_VARIANCE = 1e-12
#: Standard deviations to either side that hold 90% of a normal distribution.
INTERVAL_DEVIATIONS = 1.6449
SUFFIX = "_calibrated"


@dataclass(frozen=True)
class Experiment:
    """One channel's result: the measured increment and its standard error, and the model's credit for the same."""

    channel: str
    increment: float
    standard_error: float
    credited: float

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

    channels: of each tested one the precision of its experiments, and their precision times their ratio.
    """

    common: float
    variance: float
    between: float
    channels: Mapping[str, tuple[float, float]]


def _known(usable: Sequence[Experiment]) -> _Known:
    ratio = np.array([one.increment / one.credited for one in usable])
    variance = np.array([max((one.standard_error / one.credited) ** 2, LEAST_VARIANCE) for one in usable])
    precision = 1 / variance
    mean = precision @ ratio / precision.sum()
    excess = precision @ (ratio - mean) ** 2 - (len(usable) - 1)
    scale = precision.sum() - (precision**2).sum() / precision.sum()
    between = float(np.clip(excess / scale if scale > 0 else 0.0, LEAST_SPREAD**2, GREATEST_SPREAD**2))
    pooled = 1 / (variance + between)
    known = 1 / PRIOR_SPREAD**2 + pooled.sum()
    channels: dict[str, tuple[float, float]] = {}
    for channel in sorted({one.channel for one in usable}):
        own = np.array([one.channel == channel for one in usable])
        channels[channel] = float(precision[own].sum()), float(precision[own] @ ratio[own])
    return _Known(float((1 / PRIOR_SPREAD**2 + pooled @ ratio) / known), float(1 / known), between, channels)


def factors_of(experiments: Sequence[Experiment]) -> Calibration:
    """The factors that experiments on one conversion type come to; what has no credit says nothing."""
    usable = [one for one in experiments if one.is_usable]
    if not usable:
        return Calibration()
    known = _known(usable)
    channels: dict[str, Factor] = {}
    for channel, (precision, weighed) in known.channels.items():
        certain = precision + 1 / known.between
        of_common = 1 / (known.between * certain)
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
    tested = np.array([known.channels.get(channel, (0.0, 0.0)) for channel in channels])
    certain = tested[:, 0] + 1 / known.between
    middle = (tested[:, 1] + common / known.between) / certain
    return np.clip(middle + random.normal(size=len(channels)) / np.sqrt(certain), 0, GREATEST_FACTOR)


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
