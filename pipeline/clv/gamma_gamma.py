"""Gamma-Gamma: what a purchase of a customer is worth (Fader & Hardie 2013, "The Gamma-Gamma model of monetary value").

A customer's purchases vary around a mean that differs between customers: Gamma(p, nu) with nu itself Gamma(q, v). `x`
is the number of repeat purchases and `z` their mean amount, above 0. Equation numbers are the note's. The mean that is
expected of a customer, (v + x z) p / (p x + q - 1) (equation 5), is closed, so the marts compute it.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

from pipeline.clv.likelihood import Fit, maximise

Values = NDArray[np.float64]
PARAMETERS = ("p", "q", "v")


class Amounts(NamedTuple):
    """Repeat purchases, their mean amount, and how many customers have just that."""

    x: Values
    z: Values
    count: Values


def log_likelihood(parameters: Values, amounts: Amounts) -> float:
    """The log of equation 1a, summed over customers."""
    p, q, v = parameters
    x, z, count = amounts
    each = (
        gammaln(p * x + q)
        - gammaln(p * x)
        - gammaln(q)
        + q * np.log(v)
        + (p * x - 1) * np.log(z)
        + p * x * np.log(x)
        - (p * x + q) * np.log(v + x * z)
    )
    return float((count * each).sum())


def fit(amounts: Amounts) -> Fit:
    """The parameters of greatest likelihood; `Fit.parameters` is None where there is no maximum.

    Amounts are fitted in units of their mean and v is scaled back, so that no currency is harder than another.
    """
    scale = float((amounts.count * amounts.z).sum() / amounts.count.sum())
    scaled = amounts._replace(z=amounts.z / scale)
    found = maximise(lambda parameters: log_likelihood(parameters, scaled), PARAMETERS)
    if found.parameters is None:
        return found
    p, q, v = found.parameters.values()
    return Fit({"p": p, "q": q, "v": v * scale}, log_likelihood(np.array([p, q, v * scale]), amounts))
