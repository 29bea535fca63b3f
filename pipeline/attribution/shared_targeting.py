"""What nobody recorded about an account, read off what was aimed at it.

Good accounts are sought out by many channels at once, and buy more often anyway. Nobody records how good, but it
shows: counts of several channels rise together from account to account only by what they share. With one latent
normal u per account and

    touches of channel c until t ~ Poisson(e_c exp(l_c u - l_c^2 / 2)),    e_c = usual rate x time

the covariance of two channels gives the product of their loadings, log(1 + cov_cd / (e_c e_d)) = l_c l_d (a one-factor
model: Aitchison, J. and Ho, C. H. (1989), Biometrika 76(4)), and the past touches of an account give its u. Put among
what describes an account, it takes up what would be credited to whatever was aimed at good accounts (a factor of the
causes as stand-in for what is unrecorded: Wang, Y. and Blei, D. M. (2019), JASA 114(528)). It uses the past only, so
it may stand in a hazard (the expected intensity given what was seen; Andersen, P. K. and Gill, R. D. (1982), Annals of
Statistics 10(4)). Where channels do not rise together, loadings are near nought and u says nothing.
"""

import numpy as np

LEAST_LOADING, GREATEST_LOADING = -0.5, 2.5
_FARTHEST = 6.0


def loadings(counts: np.ndarray, expected: np.ndarray, weight: np.ndarray, steps: int = 60) -> np.ndarray:
    """l of each channel, (K), from counts and expectations (n, K) of n moments with their weights (n).

    The rank-one matrix nearest to the pairs, each weighed by how often both were seen; the diagonal, which chance
    inflates, is left out.
    """
    together = (counts * weight[:, None]).T @ counts
    by_chance = (expected * weight[:, None]).T @ expected
    pairs = np.log(np.maximum(together / np.maximum(by_chance, 1e-12), 0.2))
    seen = np.sqrt(weight @ counts)
    importance = np.outer(seen, seen)
    np.fill_diagonal(importance, 0.0)
    total = np.maximum(importance.sum(axis=1), 1e-12)
    found = np.sqrt(np.maximum((pairs * importance).sum(axis=1) / total, 1e-4))
    for _ in range(steps):
        found = 0.5 * found + 0.5 * ((importance * pairs) @ found) / np.maximum(importance @ found**2, 1e-9)
    return np.clip(found, LEAST_LOADING, GREATEST_LOADING)


def scores(counts: np.ndarray, expected: np.ndarray, loading: np.ndarray, steps: int = 30) -> np.ndarray:
    """The most likely u, (n), of moments with counts and expectations (n, K); 0 where little was seen."""
    found = np.zeros(len(counts))
    for _ in range(steps):
        mean = expected * np.exp(np.clip(np.outer(found, loading) - loading**2 / 2, -20, 6))
        step = ((counts - mean) @ loading - found) / (mean @ loading**2 + 1)
        found = np.clip(found + np.clip(step, -1, 1), -_FARTHEST, _FARTHEST)
    return found
