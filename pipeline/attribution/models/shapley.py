"""Shapley: a channel's average contribution to the conversion rate over all orders in which channels could join.

Shapley, L. S. (1953), "A value for n-person games", Contributions to the Theory of Games II, 307-317; for attribution
Dalessandro, B., Perlich, C., Stitelman, O. and Provost, F. (2012), "Causally motivated attribution for online
advertising", ADKDD 2012, section 4. The worth of a coalition S of channels is the conversion rate of the journeys whose
channels are all in S, converting or not, those without a touch among them:

    v(S) = conversions(S) / (journeys(S) + smoothing)

so a coalition that nobody has seen is worth nothing. Counts of subsets come from one subset-sum transform over the 2^n
coalitions (Yates 1937), and with w(s) = s! (n - s - 1)! / n! the values of all channels from one product:

    value of c = sum over S with c of (w(|S| - 1) + w(|S|)) v(S)  -  sum over all S of w(|S|) v(S)

Above EXACT_CHANNELS orders are drawn instead, each with its reverse, and the standard error is stated (Castro, J.,
Gomez, D. and Tejada, J. (2009), Computers and Operations Research 36(5)). The mere split of a conversion over its
distinct channels, which Zhao, K., Mahboobi, S. H. and Bagheri, S. R. (2018), arXiv:1804.05327, show to be the Shapley
value of another game (theirs counts conversions, and no journey that did not convert), is `linear_by_channel`.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from scipy import sparse

from pipeline.attribution.exposures import LONGER_SEEN, Exposures, exposure_queries, read_exposures, warnings_of
from pipeline.attribution.fitted import Fit, FittedModel, NotEnoughData, Relations, Summary
from pipeline.attribution.model import Number

#: The data's own value is exact up to so many channels, that of replicates up to fewer: they are solved together.
EXACT_CHANNELS = 20
EXACT_REPLICATE_CHANNELS = 16

#: Numbers held at once by a transform.
LARGEST_TRANSFORM = 2**22

#: Orders drawn for the data above EXACT_CHANNELS, and for the replicates' distance from it.
ORDERS = 4000
REPLICATE_ORDERS = 200


def summary(relations: Relations, parameters: Mapping[str, Any]) -> dict[str, str]:
    """Journeys by group and set of channels."""
    return exposure_queries(relations)


def fit(summary: Summary, parameters: Mapping[str, Any]) -> Fit:
    """Every channel's value, for the data and every replicate."""
    exposures = read_exposures(summary)
    count, smoothing = len(exposures.channels), parameters["smoothing"]
    diagnostics: dict[str, Any] = {"coalitions_seen": len(exposures.sets)}
    if count <= EXACT_REPLICATE_CHANNELS:
        values = exact_values(exposures, summary.weights, smoothing)
    else:
        random = np.random.default_rng(summary.seed)
        drawn, _ = sampled_values(exposures, summary.weights, smoothing, _orders(random, count, REPLICATE_ORDERS))
        if count <= EXACT_CHANNELS:
            data = exact_values(exposures, summary.weights[:1], smoothing)[0]
        else:
            orders = _orders(random, count, ORDERS)
            [data], error = sampled_values(exposures, summary.weights[:1], smoothing, orders)
            diagnostics |= {"orders_drawn": ORDERS, "largest_standard_error": float(error.max())}
        values = data + drawn - drawn[0]
    if not (values[0] > 0).any():
        raise NotEnoughData(f"no channel adds to the conversion rate: {LONGER_SEEN}")
    return Fit(
        channels=exposures.channels,
        effects=values,
        parameters={"shapley_value": values[0]},
        diagnostics={**diagnostics, "worth_of_all": float(values[0].sum())},
        warnings=warnings_of(values[0]),
    )


def exact_values(exposures: Exposures, weights: np.ndarray, smoothing: float) -> np.ndarray:
    """Values (replicates, channels) by the transform, as many replicates at a time as fit."""
    count = len(exposures.channels)
    place = exposures.sets @ (1 << np.arange(count))
    step = max(1, LARGEST_TRANSFORM >> count)
    found = []
    for start in range(0, len(weights), step):
        some = weights[start : start + step].T
        worth, journeys = (np.zeros((1 << count, some.shape[1])) for _ in range(2))
        worth[place], journeys[place] = exposures.converted @ some, exposures.journeys @ some
        worth = _rate(_subset_sums(worth), _subset_sums(journeys) + smoothing)
        found.append(shapley_values(worth.T))
    return np.concatenate(found)


def shapley_values(worth: np.ndarray) -> np.ndarray:
    """Values (…, n) of games given by the worth of their coalitions (…, 2^n), coalition S at the sum of 2^i, i in S."""
    count = int(worth.shape[-1]).bit_length() - 1
    coalitions = np.arange(1 << count)
    members = (coalitions[:, None] >> np.arange(count)) & 1
    size = members.sum(axis=1)
    weight = np.ones(count + 1)
    for of in range(1, count):  # w(s) = w(s - 1) s / (n - s), from w(0) = 1 / n
        weight[of] = weight[of - 1] * of / (count - of)
    weight = weight / max(count, 1)
    weight[count] = 0.0
    without = weight[size]
    joined = np.where(size > 0, weight[size - 1], 0.0) + without
    return (worth * joined) @ members - (worth @ without)[..., None]


def sampled_values(
    exposures: Exposures, weights: np.ndarray, smoothing: float, orders: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Values (replicates, channels) as averages over orders (orders, channels), and their standard errors for the data.

    A set is covered once its last channel has joined. Orders come in pairs, one the reverse of the other.
    """
    count = len(exposures.channels)
    converted, journeys = exposures.converted @ weights.T, exposures.journeys @ weights.T
    total, squares, pair = np.zeros((count, len(weights))), np.zeros(count), np.zeros(count)
    numbers = np.arange(len(exposures.sets))
    for number, order in enumerate(orders):
        rank = np.empty(count, int)
        rank[order] = np.arange(1, count + 1)
        covered = np.where(exposures.sets, rank, 0).max(axis=1)
        at = sparse.csr_array((np.ones(len(numbers)), (covered, numbers)), shape=(count + 1, len(numbers)))
        worth = _rate(np.cumsum(at @ converted, axis=0), np.cumsum(at @ journeys, axis=0) + smoothing)
        gained = np.diff(worth, axis=0)
        total[order] += gained
        pair[order] += gained[:, 0] / 2
        if number % 2:
            squares, pair = squares + pair**2, np.zeros(count)
    pairs = len(orders) / 2
    mean = total / len(orders)
    return mean.T, np.sqrt(np.maximum(squares / pairs - mean[:, 0] ** 2, 0.0) / pairs)


def _orders(random: np.random.Generator, count: int, number: int) -> np.ndarray:
    drawn = random.permuted(np.tile(np.arange(count), (number // 2, 1)), axis=1)
    return np.stack([drawn, drawn[:, ::-1]], axis=1).reshape(number, count)


def _subset_sums(counts: np.ndarray) -> np.ndarray:
    """For each coalition (first axis) the sum over all its subsets; in place."""
    size, inner = len(counts), 1
    while inner < size:
        halves = counts.reshape(size // (2 * inner), 2, inner, -1)
        halves[:, 1] += halves[:, 0]
        inner *= 2
    return counts


def _rate(of: np.ndarray, among: np.ndarray) -> np.ndarray:
    return np.divide(of, among, out=np.zeros_like(of), where=among > 0)


MODEL = FittedModel(
    name="shapley",
    description="the channel's average contribution to the conversion rate, over all orders of joining",
    source="Shapley 1953; Dalessandro et al. 2012",
    own={
        "smoothing": Number(
            10, "journeys without conversion added to each coalition, so that rare ones say little", above=-1e-9
        )
    },
    summary=summary,
    fit=fit,
    reads=("shapley_value",),
    weight="shapley_value / channel_touch_count",
)
