"""An additive excess hazard, fitted to moments of conversion and sampled moments at risk.

The chance per day that an account at risk converts is

    hazard = exp(a + z g) E[exp(f t)] (1 + x b),    b >= 0

with z what describes the account and the moment, and x the decayed touches. The mean is over what is believed of the
account: f tells its classes apart, of which none is certain. One is the demand that no touch brought; x b is the excess
over it, in which channels add up, so that each one's part of a conversion is x_k b_k / (1 + x b).

The likelihood of a point process, sum over conversions of log hazard minus the integral of the hazard over all time at
risk, needs every account and day; the integral is estimated from moments drawn at random from it, each weighing the
days it stands for (case-cohort sampling: Prentice, R. L. (1986), Biometrika 73(1), 1-11).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse
from scipy.optimize import minimize

#: Penalties in log-likelihood: the ridge on the standardised columns of z and on t, and the lasso on b, in units of the
#: mean excess and for one case (Tibshirani, R. (1996), JRSS B 58(1)).
RIDGE, LASSO = 1.0, 2.0
#: Fitted once, a channel's lasso is divided by how many times the usual excess it was found to have, and this much:
#: what does something is shrunk less, and what does little goes (the adaptive lasso, which may then grow more slowly
#: than the root of the cases: Zou, H. (2006), JASA 101(476), theorem 2; by groups of columns: Wang, H. and Leng, C.
#: (2008), Computational Statistics & Data Analysis 52(12)).
LEAST_EXCESS = 0.3
#: The replicates' quadratic programs stop at this change of any b, or after so many sweeps.
SWEEPS, SETTLED = 200, 1e-5
#: Where a trial step of the search would overflow.
_STEEPEST = 50.0


@dataclass(frozen=True)
class Moments:
    """Moments of conversion (`is_case`) and sampled moments at risk, n of them.

    weight: of a case how many conversions it stands for, of the others how many days at risk. group: (n), the group of
    the bootstrap. described: z, (n, q), standardised. exposure: x, (n, p), not negative. channel: (p), whose each is.
    belief: the chances of C classes, (n, C), and features: f, (C, F), what tells those apart; by default there is one.
    """

    is_case: np.ndarray
    weight: np.ndarray
    group: np.ndarray
    described: np.ndarray
    exposure: np.ndarray
    channel: np.ndarray
    belief: np.ndarray | None = None
    features: np.ndarray | None = None

    @property
    def classes(self) -> tuple[np.ndarray, np.ndarray]:
        """`belief` and `features`, or the one class that there is without them."""
        if self.belief is None or self.features is None:
            return np.ones((len(self.is_case), 1)), np.zeros((1, 0))
        return self.belief, self.features


@dataclass(frozen=True)
class Excess:
    """The fit: a, g (q), t (F), b (p), the lasso of each b (p), the penalised minus log-likelihood that it reached."""

    level: float
    slopes: np.ndarray
    of_class: np.ndarray
    effects: np.ndarray
    lasso: np.ndarray
    objective: float


def sharpened(moments: Moments, fit: Excess) -> Excess:
    """The fit anew, with less of a penalty for channels that it found to do much, and more for the others."""
    (lasso,) = _adapted(moments, (fit.effects * _scale(moments))[None])
    return fit_excess(moments, replace(fit, lasso=lasso))


def fit_excess(moments: Moments, like: Excess | None = None) -> Excess:
    """The maximum of the penalised likelihood, by L-BFGS-B with the exact gradient.

    `like`: a fit to start from and to take the penalties of, of the same moments, described by as many columns or with
    other classes.

    z and x are sparse here: few accounts are touched by many channels, and products then run on one core, where
    threads of a linear algebra library would wait for each other thousands of times.
    """
    case, at_risk = moments.is_case, ~moments.is_case
    z = sparse.csr_array(np.column_stack([np.ones(len(case)), moments.described]))
    scale = _scale(moments)
    x = sparse.csr_array(moments.exposure / scale)
    zc, zr, xc, xr = z[case], z[at_risk], x[case], x[at_risk]
    zr_t, xc_t, xr_t = (sparse.csr_array(one.T) for one in (zr, xc, xr))
    wc, wr = moments.weight[case], moments.weight[at_risk]
    belief, features = moments.classes
    pc, pr = belief[case], belief[at_risk]
    q, f, p = z.shape[1], features.shape[1], x.shape[1]
    ridge = np.r_[0.0, np.full(q - 1, RIDGE)]
    lasso = np.full(p, _lasso(moments)) if like is None else like.lasso
    of_cases = zc.T @ wc

    def objective(at: np.ndarray) -> tuple[float, np.ndarray]:
        g, t, b = np.split(at, [q, q + f])
        lift = _lift(features, t)
        lift_c, lift_r = pc @ lift, pr @ lift
        ratio_c, ratio_r = 1 + xc @ b, 1 + xr @ b
        demand = wr * np.exp(np.minimum(zr @ g, _STEEPEST)) * lift_r
        expected = demand * ratio_r
        value = expected.sum() - of_cases @ g - wc @ np.log(lift_c) - wc @ np.log(ratio_c)
        value += 0.5 * ridge @ g**2 + 0.5 * RIDGE * t @ t + lasso @ b
        slope_g = zr_t @ expected - of_cases + ridge * g
        slope_t = features.T @ (lift * ((expected / lift_r) @ pr - (wc / lift_c) @ pc)) + RIDGE * t
        slope_b = xr_t @ demand - xc_t @ (wc / ratio_c) + lasso
        return float(value), np.r_[slope_g, slope_t, slope_b]

    start = np.r_[np.log(wc.sum() / wr.sum()), np.zeros(q - 1 + f), np.full(p, 0.5 / max(p, 1))]
    if like is not None:
        of_class = like.of_class if len(like.of_class) == f else np.zeros(f)
        start = np.r_[like.level, like.slopes, of_class, like.effects * scale]
    bounds = [(None, None)] * (q + f) + [(0, None)] * p
    found = minimize(
        objective, start, jac=True, method="L-BFGS-B", bounds=bounds,
        options={"maxiter": 400, "ftol": 1e-9, "gtol": 1e-5 * wc.sum() ** 0.5},
    )  # fmt: skip
    g, t, b = np.split(found.x, [q, q + f])
    return Excess(float(g[0]), g[1:], t, b / scale, lasso, float(found.fun))


def replicate_effects(moments: Moments, fit: Excess, weights: np.ndarray) -> np.ndarray:
    """b of every replicate, (replicates, p), for group weights (replicates, groups).

    One Newton step from the sharpened fit with the bound kept: each replicate minimises the quadratic that has the
    fit's curvature and the replicate's own gradient, over b >= 0, by coordinate descent for all replicates at once; and
    once more with the penalties that the effects so found ask for, which are but estimates too.
    """
    scale = _scale(moments)
    belief, features = moments.classes
    lift = _lift(features, fit.of_class)
    lifted = belief @ lift
    # What of the classes is felt at a small change of t: the mean of f, where each class counts as much as it converts.
    felt = (belief * lift) @ features / lifted[:, None]
    x, z = moments.exposure / scale, np.column_stack([np.ones(len(moments.is_case)), moments.described, felt])
    b = fit.effects * scale
    described = z[:, : len(fit.slopes) + 1] @ np.r_[fit.level, fit.slopes]
    case = moments.is_case
    ratio = 1 + x @ b
    demand = np.where(case, 0.0, moments.weight * np.exp(np.minimum(described, _STEEPEST)) * lifted)
    counted = np.where(case, moments.weight, 0.0)
    slopes = np.column_stack([(counted - demand * ratio)[:, None] * z, (counted / ratio - demand)[:, None] * x])
    groups = weights.shape[1]
    by_group = sparse.csr_array((np.ones(len(case)), (moments.group, np.arange(len(case)))), shape=(groups, len(case)))
    gradient = weights @ (by_group @ slopes)
    q = z.shape[1]
    gradient -= np.r_[0.0, RIDGE * fit.slopes, RIDGE * fit.of_class, fit.lasso]
    zz = z.T @ ((demand * ratio)[:, None] * z) + np.diag(np.r_[1e-9, np.full(q - 1, RIDGE)])
    zx = z.T @ (demand[:, None] * x)
    xx = x[case].T @ ((moments.weight[case] / ratio[case] ** 2)[:, None] * x[case])
    inner = np.linalg.solve(zz, zx)
    curvature = xx - zx.T @ inner
    curvature = _raised(curvature, 1e-3 + 1e-6 * np.abs(np.diagonal(curvature)))
    target = b @ curvature + gradient[:, q:] - gradient[:, :q] @ inner
    found = _bounded(curvature, target, np.repeat(b[None], len(target), axis=0))
    return _bounded(curvature, target + fit.lasso - _adapted(moments, found), found) / scale


def credits(moments: Moments, effects: np.ndarray, weights: np.ndarray, kept: np.ndarray | None = None) -> np.ndarray:
    """The part of all conversions that each column of the exposure has, (replicates, p).

    effects: (replicates, p); weights: group weights (replicates, groups). kept: how much a column keeps of what it has
    of a case, (cases, p); all of it by default.
    """
    x = moments.exposure[moments.is_case]
    counted = weights[:, moments.group[moments.is_case]] * moments.weight[moments.is_case]
    ratio = 1 + effects @ x.T
    return (counted / ratio) @ (x if kept is None else x * kept) * effects / counted.sum(axis=1, keepdims=True)


def _lift(features: np.ndarray, of_class: np.ndarray) -> np.ndarray:
    """How many times as often each class converts as one without any feature, (C)."""
    return np.exp(np.clip(features @ of_class, -_STEEPEST, _STEEPEST))


def _scale(moments: Moments) -> np.ndarray:
    """The mean exposure, so that a coefficient is a mean excess; cases count, lest only they have any."""
    weight = np.where(moments.is_case, moments.weight[~moments.is_case].mean(), moments.weight)
    mean = weight @ moments.exposure / weight.sum()
    return np.where(mean > 0, mean, 1.0)


def _raised(curvature: np.ndarray, least: np.ndarray) -> np.ndarray:
    """The curvature with `least` on top, where that still bends down in some direction, bent up as much there.

    The likelihood is concave in b and in g, not in both together, so that few conversions may leave such directions.
    """
    raised = curvature + np.diag(least)
    values, directions = np.linalg.eigh(raised)
    if values[0] >= least.min() / 2:
        return raised
    return (directions * np.maximum(np.abs(values), least.max())) @ directions.T


def _adapted(moments: Moments, excess: np.ndarray) -> np.ndarray:
    """The lasso of each column, (rows, p), where they were found to have so much of the mean excess, (rows, p)."""
    by_channel = excess @ np.eye(moments.channel.max() + 1)[moments.channel]
    relative = by_channel / np.maximum(by_channel.mean(axis=1, keepdims=True), 1e-12)
    return _lasso(moments) / (relative + LEAST_EXCESS)[:, moments.channel]


def _lasso(moments: Moments) -> float:
    """The penalty before anything is known of the channels."""
    return LASSO * moments.weight[moments.is_case].sum() ** 0.25


def _bounded(curvature: np.ndarray, target: np.ndarray, start: np.ndarray) -> np.ndarray:
    """Rows b >= 0 that minimise b H b' / 2 - target b', one per row of `target`."""
    found = start.copy()
    diagonal = np.diagonal(curvature)
    for _ in range(SWEEPS):
        greatest = 0.0
        for k in range(len(curvature)):
            wanted = np.maximum(found[:, k] + (target[:, k] - found @ curvature[:, k]) / diagonal[k], 0.0)
            greatest = max(greatest, float(np.abs(wanted - found[:, k]).max()))
            found[:, k] = wanted
        if greatest < SETTLED:
            break
    return found
