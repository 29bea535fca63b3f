"""Which conversions would have come later anyway.

Credit at the moment of conversion tells what brought it then. But whoever buys much and soon would often have bought
some weeks later without that touch: what is lost by the end of the data for want of a channel is less, and least where
accounts are good. A conversion at t that a channel brought (the points of a process are its parts' points: Lewis, P. A.
W. and Shedler, G. S. (1979), "Simulation of nonhomogeneous Poisson processes by thinning", Naval Research Logistics
26(3)) is lost if none follows by the end, where the account goes on without the channel, so that

    conversions lost without k = E[sum over conversions of share_k(t) exp(-expected conversions from t on without k)].

How many are expected from a moment on is learnt from moments at risk, which know how their accounts ended, by a
regression of the complementary log-log of the chance to convert in the days that are left (Prentice, R. L. and
Gloeckler, L. A. (1978), "Regression analysis of grouped survival data", Biometrics 34(1)).
"""

from __future__ import annotations

import numpy as np
from scipy.optimize import minimize

#: Penalty in log-likelihood on the standardised columns.
RIDGE = 1.0
#: A moment has at least so many days left; a trial step of the search, e to at most this in conversions a day.
LEAST_DAYS, _STEEPEST = 0.01, 30.0


def expected_later(
    described: np.ndarray, left_days: np.ndarray, converts: np.ndarray, learnt_from: np.ndarray
) -> np.ndarray:
    """Conversions expected of each moment's account in the days left, were it to go on as such accounts do, (n).

    described: (n, q), standardised; left_days: (n); converts: (n), whether the account converted in them, of the
    moments `learnt_from`, (n), and not read of others.
    """
    z = np.column_stack([np.ones(len(described)), described])
    left = np.maximum(left_days, LEAST_DAYS)
    known, days, comes = z[learnt_from], left[learnt_from], converts[learnt_from].astype(bool)
    ridge = np.r_[0.0, np.full(described.shape[1], RIDGE)]

    def objective(at: np.ndarray) -> tuple[float, np.ndarray]:
        expected = days * np.exp(np.minimum(known @ at, _STEEPEST))
        chance = np.maximum(-np.expm1(-expected), 1e-300)
        value = expected[~comes].sum() - np.log(chance[comes]).sum() + 0.5 * ridge @ at**2
        slope = np.where(comes, -expected * np.exp(-expected) / chance, expected)
        return float(value), known.T @ slope + ridge * at

    start = np.r_[np.log(max(comes.mean(), 1 / len(comes)) / days.mean()), np.zeros(described.shape[1])]
    found = minimize(objective, start, jac=True, method="L-BFGS-B", options={"maxiter": 200, "ftol": 1e-9})
    return left * np.exp(np.minimum(z @ found.x, _STEEPEST))
