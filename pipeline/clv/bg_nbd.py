"""BG/NBD: when a customer who may leave unseen will buy again (Fader, Hardie & Lee 2005, Marketing Science 24:2).

While a customer is alive, purchases follow a Poisson process whose rate is Gamma(r, alpha) over customers; after each
purchase the customer leaves with a probability that is Beta(a, b) over customers. `x` is the number of repeat
purchases, `t_x` when the last one was and `T` how long the customer is known, both from the first purchase and in one
unit of time. Equation numbers are the paper's.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln, hyp2f1

from pipeline.clv.likelihood import Fit, maximise

Values = NDArray[np.float64]
PARAMETERS = ("r", "alpha", "a", "b")


class Histories(NamedTuple):
    """Purchase histories: repeat purchases, time of the last one, time known, and how many customers have just that."""

    x: Values
    t_x: Values
    T: Values
    count: Values


def log_likelihood(parameters: Values, histories: Histories) -> float:
    """The log of equation 6, summed over customers."""
    r, alpha, a, b = parameters
    x, t_x, T, count = histories
    known = gammaln(r + x) - gammaln(r) + r * np.log(alpha)
    kept = gammaln(a + b) + gammaln(b + x) - gammaln(b) - gammaln(a + b + x)
    alive = -(r + x) * np.log(alpha + T)
    left = np.where(x > 0, np.log(a) - np.log(np.maximum(b + x - 1, 1e-300)) - (r + x) * np.log(alpha + t_x), -np.inf)
    return float((count * (known + kept + np.logaddexp(alive, left))).sum())


def fit(histories: Histories) -> Fit:
    """The parameters of greatest likelihood; `Fit.parameters` is None where there is no maximum."""
    return maximise(lambda parameters: log_likelihood(parameters, histories), PARAMETERS)


def alive_probability(parameters: Values, histories: Histories) -> Values:
    """The probability that each customer has not left yet; 1 before the first repeat purchase."""
    return 1 / (1 + _odds_of_having_left(parameters, histories))


def expected_purchases(parameters: Values, histories: Histories, t: float) -> Values:
    """Purchases of each customer within `t` from now (equation 10).

    The hypergeometric function is Euler-transformed, so that a customer of hundreds of purchases does not overflow.
    """
    r, alpha, a, b = parameters
    x, _, T, _ = histories
    share = (alpha + T) / (alpha + T + t)
    series = share ** (a - 1) * hyp2f1(a + b - 1 - r, a - 1, a + b + x - 1, 1 - share)
    return (a + b + x - 1) / (a - 1) * (1 - series) / (1 + _odds_of_having_left(parameters, histories))


def _odds_of_having_left(parameters: Values, histories: Histories) -> Values:
    r, alpha, a, b = parameters
    x, t_x, T, _ = histories
    with np.errstate(divide="ignore", invalid="ignore"):
        odds = a / (b + x - 1) * ((alpha + T) / (alpha + t_x)) ** (r + x)
    return np.where(x > 0, odds, 0.0)
