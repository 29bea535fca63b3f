"""Experiments calibrate credit: what was measured by holding a channel back corrects what a model says of it.

The factor of a tested channel is its measured increment over the credit that the model gives its touches of the same
window. Factors of several experiments vary about a common one, which says how far the model is off in general; each is
shrunk towards it by its precision, and the common one towards 1 (a random-effects mean: DerSimonian, R. and Laird, N.
(1986), Controlled Clinical Trials 7(3); shrunken estimates: Efron, B. and Morris, C. (1975), JASA 70(350)). Channels
nobody tested take the common factor. What the factors take from channels is baseline, so that totals stay.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from pipeline.attribution.expression import double
from pipeline.attribution.model import Model
from pipeline.attribution.shares import shares_sql, text

#: What is believed before any experiment: a common factor of 1, give or take this; channels differ at least so much.
PRIOR_SPREAD, LEAST_SPREAD = 0.5, 0.2
GREATEST_FACTOR = 5.0
SUFFIX = "_calibrated"


@dataclass(frozen=True)
class Experiment:
    """One channel's result: the measured increment and its standard error, and the model's credit for the same."""

    channel: str
    increment: float
    standard_error: float
    credited: float


@dataclass(frozen=True, kw_only=True)
class CalibratedModel(Model):
    """Another model's credit, a channel's share times its factor; the remainder is baseline."""

    member: Model
    factors: Mapping[str, float] = field(default_factory=dict)
    common_factor: float = 1.0


def calibrated(model: Model, experiments: Sequence[Experiment]) -> CalibratedModel:
    """`model` corrected by experiments, under its name with SUFFIX."""
    factors, common = factors_of(experiments)
    return CalibratedModel(
        name=f"{model.name}{SUFFIX}",
        description=f"{model.name}, corrected by experiments",
        member=model,
        factors=factors,
        common_factor=common,
    )


def factors_of(experiments: Sequence[Experiment]) -> tuple[dict[str, float], float]:
    """The factor of each tested channel, and the common one; an experiment on what has no credit says nothing."""
    usable = [one for one in experiments if one.credited > 0 and one.standard_error > 0]
    if not usable:
        return {}, 1.0
    ratio = np.array([one.increment / one.credited for one in usable])
    variance = np.array([(one.standard_error / one.credited) ** 2 for one in usable])
    precision = 1 / variance
    mean = precision @ ratio / precision.sum()
    excess = precision @ (ratio - mean) ** 2 - (len(usable) - 1)
    scale = precision.sum() - (precision**2).sum() / precision.sum()
    between = max(excess / scale if scale > 0 else 0.0, LEAST_SPREAD**2)
    pooled = 1 / (variance + between)
    common = (1 / PRIOR_SPREAD**2 + pooled @ ratio) / (1 / PRIOR_SPREAD**2 + pooled.sum())
    factors: dict[str, float] = {}
    for channel in sorted({one.channel for one in usable}):
        own = np.array([one.channel == channel for one in usable])
        shrunk = (precision[own] @ ratio[own] + common / between) / (precision[own].sum() + 1 / between)
        factors[channel] = float(np.clip(shrunk, 0, GREATEST_FACTOR))
    return factors, float(np.clip(common, 0, GREATEST_FACTOR))


@shares_sql.register
def _of_calibration(model: CalibratedModel, touches: str, conversions: str) -> str:
    """The member's shares times the factors; where they exceed the whole, in proportion."""
    named = " ".join(f"when {text(channel)} then {double(value)}" for channel, value in model.factors.items())
    factor = f"case touch.channel {named} else {double(model.common_factor)} end" if named else "1e0"
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
