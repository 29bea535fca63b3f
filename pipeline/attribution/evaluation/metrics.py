"""The figures of an evaluation, each a pure function of small arrays.

Predictions come as cells: `probability` or `score`, how many journeys share it (`count`) and how many of them converted
(`converted`), so that a million journeys are a few thousand cells. All arrays have one entry a cell.
"""

from dataclasses import dataclass

import numpy as np
from scipy.stats import rankdata

#: A probability is never nearer to 0 or 1 than this, so that one surprise does not cost infinitely much.
LEAST_PROBABILITY = 1e-6

#: Standard errors on either side of a figure that a nominal 90% interval has.
NORMAL_90 = 1.6448536269514722


def losses(probability: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What a journey costs by each cell's probability if it converted, and if it did not: minus the log-likelihood."""
    bounded = np.clip(probability, LEAST_PROBABILITY, 1 - LEAST_PROBABILITY)
    return -np.log(bounded), -np.log1p(-bounded)


def log_loss(probability: np.ndarray, count: np.ndarray, converted: np.ndarray) -> float:
    """Mean loss of a journey, in nats: 0 for certainty that comes true, ln 2 for a coin."""
    of_converted, of_others = losses(probability)
    return float((converted * of_converted + (count - converted) * of_others).sum() / count.sum())


def log_loss_difference(
    probability: np.ndarray, other: np.ndarray, count: np.ndarray, converted: np.ndarray
) -> tuple[float, float]:
    """How much more a journey costs by `probability` than by `other`, in the mean, with its standard error.

    Paired by journey: what both find hard cancels. Below zero `probability` is the better one.
    """
    of_converted, of_others = (mine - theirs for mine, theirs in zip(losses(probability), losses(other), strict=True))
    lost, total = count - converted, count.sum()
    mean = (converted * of_converted + lost * of_others).sum() / total
    spread = (converted * (of_converted - mean) ** 2 + lost * (of_others - mean) ** 2).sum() / max(total - 1, 1)
    return float(mean), float(np.sqrt(spread / total))


def auc(score: np.ndarray, count: np.ndarray, converted: np.ndarray) -> float | None:
    """The chance that a journey that converted has the higher score of two, ties half; None without two sorts.

    Mann, H. B. and Whitney, D. R. (1947), Annals of Mathematical Statistics 18(1).
    """
    lost = count - converted
    if not converted.sum() or not lost.sum():
        return None
    order = rankdata(score, method="dense").astype(int) - 1  # what type it returns depends on SciPy's version
    of_converted = np.bincount(order, converted)
    of_lost = np.bincount(order, lost)
    below = np.cumsum(of_lost) - of_lost
    return float((of_converted * (below + of_lost / 2)).sum() / (converted.sum() * lost.sum()))


def auc_error(area: float, converted: float, lost: float) -> float:
    """Standard error of an area under the curve from so many of each sort.

    Hanley, J. A. and McNeil, B. J. (1982), "The meaning and use of the area under a receiver operating characteristic
    curve", Radiology 143(1), equations 1 and 2.
    """
    one, two = area / (2 - area), 2 * area**2 / (1 + area)
    variance = area * (1 - area) + (converted - 1) * (one - area**2) + (lost - 1) * (two - area**2)
    return float(np.sqrt(max(variance, 0.0) / (converted * lost)))


@dataclass(frozen=True)
class Bin:
    """Journeys that were given about the same chance: how many, the mean chance, and what became of them."""

    number: int
    count: float
    predicted: float
    observed: float


def reliability(probability: np.ndarray, count: np.ndarray, converted: np.ndarray, bins: int) -> list[Bin]:
    """Cells in the order of their probability, cut into `bins` of about as many journeys; a cell is never cut."""
    order = np.argsort(probability, kind="stable")
    probability, count, converted = probability[order], count[order].astype(float), converted[order]
    middle = np.cumsum(count) - count / 2
    number = np.minimum((middle / count.sum() * bins).astype(int), bins - 1)
    found = []
    for place, which in enumerate(np.unique(number), start=1):
        inside = number == which
        total = count[inside].sum()
        predicted = (probability[inside] * count[inside]).sum() / total
        found.append(Bin(place, float(total), float(predicted), float(converted[inside].sum() / total)))
    return found


def calibration_error(bins: list[Bin]) -> float:
    """Mean distance of predicted and observed over the bins, by their journeys: 0 is perfectly calibrated."""
    total = sum(one.count for one in bins)
    return sum(one.count * abs(one.predicted - one.observed) for one in bins) / total


def total_variation(first: dict[str, float], second: dict[str, float]) -> float:
    """Half the sum of absolute differences of two divisions of a whole: the part that would have to move.

    Each is scaled to sum to 1 first; 0 is the same, 1 has nothing in common, which is what nothing at all has with
    anything.
    """
    names = {*first, *second}
    totals = sum(first.values()), sum(second.values())
    if not all(total > 0 for total in totals):
        return 0.0 if totals[0] == totals[1] else 1.0
    return sum(abs(first.get(name, 0.0) / totals[0] - second.get(name, 0.0) / totals[1]) for name in names) / 2


def logistic_fit(features: np.ndarray, count: np.ndarray, converted: np.ndarray, ridge: float = 1e-3) -> np.ndarray:
    """Coefficients (intercept first) of a logistic regression on cells, by Newton's method.

    features: shape (cells, features), without the intercept. The ridge, on all but the intercept, keeps a perfect
    separation from growing without end.
    """
    design = np.column_stack([np.ones(len(features)), features])
    penalty = np.full(design.shape[1], ridge)
    penalty[0] = 1e-9
    rate = (converted.sum() + 0.5) / (count.sum() + 1)
    coefficients = np.zeros(design.shape[1])
    coefficients[0] = np.log(rate / (1 - rate))
    for _ in range(50):
        probability = probability_of(coefficients, features)
        gradient = design.T @ (converted - count * probability) - penalty * coefficients
        curvature = (design * (count * probability * (1 - probability))[:, None]).T @ design + np.diag(penalty)
        step = np.linalg.solve(curvature, gradient)
        step *= min(1.0, 5.0 / max(np.abs(step).max(), 1e-12))
        coefficients = coefficients + step
        if np.abs(step).max() < 1e-9:
            break
    return coefficients


def probability_of(coefficients: np.ndarray, features: np.ndarray) -> np.ndarray:
    """The chance of each cell by fitted coefficients."""
    linear = coefficients[0] + features @ coefficients[1:]
    return 1 / (1 + np.exp(-np.clip(linear, -30, 30)))
