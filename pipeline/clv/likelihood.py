"""Maximum likelihood for a few positive parameters."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

#: Where the search begins, for every parameter; a second start guards against a flat first one.
STARTS = (1.0, 0.3)
#: A parameter whose logarithm leaves this range has run away: the likelihood has no maximum on these data.
LARGEST_LOG = 12.0


@dataclass(frozen=True)
class Fit:
    """What a fit found: the parameters by name, None where the likelihood has no maximum, and its logarithm."""

    parameters: dict[str, float] | None
    log_likelihood: float


def maximise(log_likelihood: Callable[[NDArray[np.float64]], float], names: tuple[str, ...]) -> Fit:
    """The positive parameters of greatest likelihood, searched on their logarithms."""

    def loss(logarithms: NDArray[np.float64]) -> float:
        if np.abs(logarithms).max() > 2 * LARGEST_LOG:
            return np.inf
        value = -log_likelihood(np.exp(logarithms))
        return value if np.isfinite(value) else np.inf

    found = []
    for start in STARTS:
        rough = minimize(
            loss,
            np.full(len(names), np.log(start)),
            method="Nelder-Mead",
            options={"maxiter": 4000, "maxfev": 4000, "xatol": 1e-7, "fatol": 1e-9, "adaptive": True},
        )
        found.append(rough)
    best = min(found, key=lambda result: result.fun)
    settled = best.success and np.isfinite(best.fun) and np.abs(best.x).max() < LARGEST_LOG
    values = dict(zip(names, np.exp(best.x).tolist(), strict=True)) if settled else None
    return Fit(values, -float(best.fun))
