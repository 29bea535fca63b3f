"""What nobody recorded about an account, read off who is touched when.

Good accounts are sought out by many channels at once, and buy more often anyway. Accounts in the market search, visit
and are followed about for some weeks, and buy then. Nobody records either, but both show: touches of several channels
rise together, from account to account and from week to week, only by what they share. Touches are taken to be a
Markov-modulated Poisson process (Rydén, T. (1996), "An EM algorithm for estimation in Markov-modulated Poisson
processes", Computational Statistics & Data Analysis 21(4)) with a lasting quality u ~ N(0, 1) of each account and
hidden chains, each of which turns on and off from step to step of time whatever the others do: an account may be in the
market, on a mailing list, or both (a factorial hidden Markov model: Ghahramani, Z. and Jordan, M. I. (1997), Machine
Learning 29(2-3)). Its state s is which of them are on,

    touches of channel c in a step ~ Poisson(rate_sc exp(loading_c u)),
    rate_sc = a product over the chains of what each does to channel c, on or off,

save for accounts that no channel reaches: those differ in nothing else, and show signs alone (direct visits). The past
touches of an account give the chances of s and u now (hidden Markov models of customers: Netzer, O., Lattin, J. and
Srinivasan, V. (2008), Marketing Science 27(2); Abhishek, V., Fader, P. and Hosanagar, K. (2012), "Media exposure
through the funnel"). A hazard that is averaged over them leaves to them what would be credited to whatever is aimed at
good accounts or follows those in the market (what the causes share as stand-in for what is unrecorded: Wang, Y. and
Blei, D. M. (2019), JASA 114(528)). Only the past is read, so that it is the expected intensity given what was seen
(Andersen, P. K. and Gill, R. D. (1982), Annals of Statistics 10(4)).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy import sparse

#: The part of a channel's rates that is left to mistakes where no channel reaches.
UNREACHED_RATE = 1e-4


@dataclass(frozen=True)
class Histories:
    """Touches of n accounts, in equal steps of time since each was first seen; the longest observed stand first.

    lasts: (n), how many steps of each were observed. rows: per step, the accounts touched in it; counts: their touches,
    a row each and a column per channel, of all steps below each other; bounds: where each step's begin, and an end.
    """

    lasts: np.ndarray
    rows: list[np.ndarray]
    counts: sparse.csr_array
    bounds: np.ndarray

    @classmethod
    def cut(cls, lasts: np.ndarray, account: np.ndarray, step: np.ndarray, channel: np.ndarray, channels: int):
        """From touches (account, step, channel), numbers each; those of steps not observed are left out."""
        kept = (step >= 0) & (step < lasts[account])
        place = step[kept].astype(np.int64) * len(lasts) + account[kept]
        cells, row = np.unique(place, return_inverse=True)
        counts = sparse.csr_array((np.ones(len(row)), (row, channel[kept])), shape=(len(cells), channels))
        bounds = np.searchsorted(cells, np.arange(lasts.max() + 1) * len(lasts))
        rows = [cells[a:b] % len(lasts) for a, b in pairwise(bounds)]
        return cls(lasts, rows, counts, bounds)

    def observed(self, step: int) -> int:
        """How many accounts, the first, were observed in a step."""
        return int(np.searchsorted(-self.lasts, -step))

    def touched(self, step: int) -> sparse.csr_array:
        """The touches of the accounts `rows[step]`."""
        return self.counts[self.bounds[step] : self.bounds[step + 1]]


@dataclass(frozen=True)
class TouchProcess:
    """rates: touches per step at usual quality, (S, K); loadings: (K); transitions: (S, S); start: (S).

    A state says of every chain whether it is on, so that S is 2 to the power of `chains`. qualities: u of each class of
    accounts, (G), the last of which is of those that no channel reaches, and 0; chances: theirs, (G). is_sign: channels
    that show even of those, (K).
    """

    rates: np.ndarray
    loadings: np.ndarray
    transitions: np.ndarray
    start: np.ndarray
    qualities: np.ndarray
    chances: np.ndarray
    is_sign: np.ndarray

    @property
    def chains(self) -> int:
        """How many chains the states tell of."""
        return len(self.start).bit_length() - 1

    @property
    def is_on(self) -> np.ndarray:
        """Which chains are on in each state, (S, chains); the last of them changes first."""
        return np.indices((2,) * self.chains).reshape(self.chains, len(self.start)).T.astype(float)

    @property
    def lifts(self) -> np.ndarray:
        """What each class' rates are multiplied by, (G, K)."""
        return np.vstack(
            [np.exp(np.outer(self.qualities[:-1], self.loadings)), np.where(self.is_sign, 1.0, UNREACHED_RATE)]
        )

    @property
    def log_rates(self) -> np.ndarray:
        """Of every class and state, (G S, K)."""
        return (np.log(self.rates)[None] + np.log(self.lifts)[:, None]).reshape(-1, self.rates.shape[1])

    @property
    def features(self) -> np.ndarray:
        """What tells every class and state apart, (G S, chains + 2): which chains are on, u, and unreached."""
        states, classes = len(self.start), len(self.chances)
        is_on = np.tile(self.is_on, (classes, 1))
        is_unreached = np.arange(classes) == classes - 1
        return np.column_stack([is_on, np.repeat(self.qualities, states), np.repeat(is_unreached, states)])

    @property
    def prior(self) -> np.ndarray:
        """The chances of every class and state before anything is seen, (G S)."""
        return np.outer(self.chances, self.start).ravel()

    def ahead(self, belief: np.ndarray) -> np.ndarray:
        """What is believed of accounts, (n, G S), a step later."""
        return self._by_state(belief, self.transitions)

    def back(self, likelihood: np.ndarray) -> np.ndarray:
        """What a step's likelihood, (n, G S), says of the step before."""
        return self._by_state(likelihood, self.transitions.T)

    def _by_state(self, values: np.ndarray, matrix: np.ndarray) -> np.ndarray:
        return (values.reshape(-1, len(self.start)) @ matrix).reshape(values.shape)


def read(
    process: TouchProcess, histories: Histories, account: np.ndarray, place: np.ndarray, since: sparse.csr_array
) -> np.ndarray:
    """What is believed of m moments: the chances of every class and state, (m, G S).

    account: whose moment, (m); place: when, in steps since the account was first seen, with their fraction; since: its
    touches in the step it lies in, before it, (m, K).
    """
    log_rates = process.log_rates
    total = np.exp(log_rates).sum(axis=1)
    step = np.minimum(np.floor(place).astype(int), len(histories.rows) - 1)
    order = np.argsort(step, kind="stable")
    bounds = np.searchsorted(step[order], np.arange(len(histories.rows) + 1))
    found = np.empty((len(account), len(total)))
    belief = np.repeat(process.prior[None], len(histories.lasts), axis=0)
    for now, rows in enumerate(histories.rows):
        asked = order[bounds[now] : bounds[now + 1]]
        found[asked] = belief[account[asked]]
        belief = belief[: histories.observed(now)] * np.exp(-total)
        said = histories.touched(now) @ log_rates.T
        belief[rows] *= np.exp(said - said.max(axis=1, keepdims=True))
        belief = process.ahead(belief / belief.sum(axis=1, keepdims=True))
    said = since @ log_rates.T - (place - step)[:, None] * total
    found *= np.exp(said - said.max(axis=1, keepdims=True))
    return found / found.sum(axis=1, keepdims=True)
