"""Logistic: what a regression of conversion on the channels a journey saw would lose without a channel.

Shao, X. and Li, L. (2011), "Data-driven multi-touch attribution models", KDD 2011, section 3.1: logistic regressions on
exposure, whatever the order, each on a random half of the journeys and of the channels, averaged (bagging), since
the coefficients of one regression on correlated channels are unstable. Here accounts are weighed by exponential draws,
which have the mean and variance of drawing half of them; each half of the channels is followed by the other half; and
a small ridge keeps channels that only ever converted finite. The effect of channel c is the part of the predicted
conversions that is lost when c is taken out of every journey that saw it, averaged over the regressions that have c:

    effect of c = sum over sets x of n(x) (p(x) - p(x without c)) / sum over x of n(x) p(x)
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from scipy import sparse

from pipeline.attribution.exposures import LONGER_SEEN, exposure_queries, read_exposures, warnings_of
from pipeline.attribution.fitted import Fit, FittedModel, NotEnoughData, Relations, Summary
from pipeline.attribution.model import Number

STEPS = 50
REPLICATE_STEPS = 3
CONVERGED = 1e-10
LONGEST_STEP = 4.0


def summary(relations: Relations, parameters: Mapping[str, Any]) -> dict[str, str]:
    """Journeys by group and set of channels."""
    return exposure_queries(relations)


def fit(summary: Summary, parameters: Mapping[str, Any]) -> Fit:
    """The averaged removal effects, for the data and every replicate."""
    exposures = read_exposures(summary)
    count, sizes = len(exposures.channels), np.maximum(summary.sizes, 1.0)
    random = np.random.default_rng(summary.seed)
    total, times = np.zeros((len(summary.weights), count)), np.zeros(count)
    size = (count + 1) // 2
    for bag in range(2 * max(1, round(parameters["bags"] / 2))):
        if bag % 2 == 0:
            order = random.permutation(count)
        chosen = np.sort(order[:size] if bag % 2 == 0 else order[count - size :])
        drawn = random.gamma(sizes) / sizes
        sets, number = np.unique(exposures.sets[:, chosen], axis=0, return_inverse=True)
        into = sparse.csr_array(
            (np.ones(len(number)), (number.ravel(), np.arange(len(number)))), shape=(len(sets), len(number))
        )
        weights = (summary.weights * drawn).T
        converted, journeys = (
            np.ascontiguousarray(((into @ counted) @ weights).T)
            for counted in (exposures.converted, exposures.journeys)
        )
        total[:, chosen] += removal_effects(sets, journeys, converted, parameters["penalty"])
        times[chosen] += 1
    effects = total / times
    if not (effects[0] > 0).any():
        raise NotEnoughData(f"no channel raises the predicted conversion rate: {LONGER_SEEN}")
    return Fit(
        channels=exposures.channels,
        effects=effects,
        parameters={"removal_effect": effects[0]},
        diagnostics={"regressions": int(times.sum() / size), "exposure_sets": len(exposures.sets)},
        warnings=warnings_of(effects[0]),
    )


def removal_effects(sets: np.ndarray, journeys: np.ndarray, converted: np.ndarray, penalty: float) -> np.ndarray:
    """Removal effects (replicates, channels) of ridge logistic regressions.

    sets: (sets, channels) of 0 and 1; journeys, converted: (replicates, sets), how many had the set and converted.
    """
    design = np.column_stack([np.ones(len(sets)), sets])
    coefficients = _regressions(design, journeys, converted, penalty)
    linear = coefficients @ design.T
    predicted = _logistic(linear)
    effects = np.empty((len(journeys), sets.shape[1]))
    for place in range(sets.shape[1]):
        without = _logistic(linear - coefficients[:, place + 1, None] * design[:, place + 1])
        effects[:, place] = (journeys * (predicted - without)).sum(axis=1)
    whole = (journeys * predicted).sum(axis=1, keepdims=True)
    return np.divide(effects, whole, out=np.zeros_like(effects), where=whole > 0)


def _regressions(design: np.ndarray, journeys: np.ndarray, converted: np.ndarray, penalty: float) -> np.ndarray:
    """Coefficients (replicates, columns) by Newton's method; the first column is not penalised.

    The data's own are iterated to the end, and the replicates' a few steps on from there: one step has the bootstrap's
    distribution to first order already (Lehmann and Casella (1998), Theory of Point Estimation, section 6.4).
    """
    replicates, columns = len(journeys), design.shape[1]
    ridge = np.diag([1e-9, *[penalty] * (columns - 1)])
    upper = np.triu_indices(columns)
    products = design[:, upper[0]] * design[:, upper[1]]

    def newton(coefficients: np.ndarray, rows: slice) -> np.ndarray:
        predicted = _logistic(coefficients @ design.T)
        expected = journeys[rows] * predicted
        slope = (converted[rows] - expected) @ design - coefficients @ ridge
        curvature = np.empty((len(coefficients), columns, columns))
        curvature[:, *upper] = (expected * (1 - predicted)) @ products
        curvature[:, *upper[::-1]] = curvature[:, *upper]
        step = np.linalg.solve(curvature + ridge, slope[:, :, None])[:, :, 0]
        return step * np.minimum(1.0, LONGEST_STEP / np.maximum(np.abs(step).max(axis=1, keepdims=True), 1e-300))

    rate = (converted[0].sum() + 0.5) / (journeys[0].sum() + 1.0)
    own = np.zeros((1, columns))
    own[:, 0] = np.log(rate / (1 - rate))
    for _ in range(STEPS):
        step = newton(own, slice(0, 1))
        own = own + step
        if np.abs(step).max() < CONVERGED:
            break
    others = np.repeat(own, replicates - 1, axis=0)
    for _ in range(REPLICATE_STEPS if replicates > 1 else 0):
        others = others + newton(others, slice(1, None))
    return np.concatenate([own, others])


def _logistic(linear: np.ndarray) -> np.ndarray:
    return 1.0 / (1.0 + np.exp(-np.clip(linear, -500, 500)))


MODEL = FittedModel(
    name="logistic",
    description="by how much fewer conversions logistic regressions predict without the channel",
    source="Shao and Li 2011",
    own={
        "bags": Number(
            40, "regressions that are averaged, each on half of the journeys and channels", above=0, at_most=10_000
        ),
        "penalty": Number(1.0, "ridge penalty of a channel's coefficient", above=0),
    },
    summary=summary,
    fit=fit,
    reads=("removal_effect",),
    weight="removal_effect / channel_touch_count",
)
