"""What nobody recorded about an account, read off who is touched when.

Good accounts are sought out by many channels at once, and buy more often anyway. Accounts in the market search, visit
and are followed about for some weeks, and buy then. Nobody records either, but both show: touches of several channels
rise together, from account to account and from week to week, only by what they share. Touches are taken to be a
Markov-modulated Poisson process (Rydén, T. (1996), "An EM algorithm for estimation in Markov-modulated Poisson
processes", Computational Statistics & Data Analysis 21(4)) with a lasting quality u ~ N(0, 1) of each account and a
hidden state s that changes from step to step of time as a Markov chain,

    touches of channel c in a step ~ Poisson(rate_sc exp(loading_c u)),

save for accounts that no channel reaches: those differ in nothing else, and show signs alone (direct visits). The past
touches of an account give the chances of s and u now (hidden Markov models of customers: Netzer, O., Lattin, J. and
Srinivasan, V. (2008), Marketing Science 27(2); Abhishek, V., Fader, P. and Hosanagar, K. (2012), "Media exposure
through the funnel"). A hazard that is averaged over them leaves to them what would be credited to whatever is aimed at
good accounts or follows those in the market (what the causes share as stand-in for what is unrecorded: Wang, Y. and
Blei, D. M. (2019), JASA 114(528)). Only the past is read, so that it is the expected intensity given what was seen
(Andersen, P. K. and Gill, R. D. (1982), Annals of Statistics 10(4)).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from scipy import sparse

#: Hidden states, of which so many are used as the data tell apart.
STATES = (3, 4, 5)
#: Values of u and their chances: the normal distribution on a grid.
QUALITIES = np.linspace(-2.4, 2.4, 7)
NORMAL = np.exp(-(QUALITIES**2) / 2) / np.exp(-(QUALITIES**2) / 2).sum()
#: Where no channel reaches: the part of its rates that is left to mistakes, and of accounts, before any is seen.
UNREACHED_RATE, UNREACHED = 1e-4, 0.1
LEAST_LOADING, GREATEST_LOADING = -1.0, 2.5
#: Rounds of EM, at most; it ends when a round adds less than this to the log-likelihood.
ROUNDS, SETTLED = 30, 0.1
#: What is known beforehand, in touches: of each rate, that it is the channel's own; of each loading, that it is none.
RATE_PRIOR, LOADING_PRIOR = 1.0, 4.0


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

    qualities: u of each class of accounts, (G), the last of which is of those that no channel reaches, and 0; chances:
    theirs, (G). is_sign: channels that show even of those, (K).
    """

    rates: np.ndarray
    loadings: np.ndarray
    transitions: np.ndarray
    start: np.ndarray
    qualities: np.ndarray
    chances: np.ndarray
    is_sign: np.ndarray

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
        """What tells every class and state apart, (G S, S + 1): which state but the first it is, u, and unreached."""
        states, classes = len(self.start), len(self.chances)
        state = np.tile(np.eye(states)[:, 1:], (classes, 1))
        is_unreached = np.arange(classes) == classes - 1
        return np.column_stack([state, np.repeat(self.qualities, states), np.repeat(is_unreached, states)])

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


def fit_touch_process(histories: Histories, is_sign: np.ndarray) -> TouchProcess:
    """The process, with as many states as Schwarz' criterion asks for (Annals of Statistics 6(2), 1978).

    is_sign: the channels that are seen of accounts that no channel reaches too, (K).
    """
    best, least = None, np.inf
    for states in STATES:
        process, log_likelihood = _fitted(histories, states, is_sign)
        free = process.rates.size + process.loadings.size + states**2
        criterion = free * np.log(len(histories.lasts)) - 2 * log_likelihood
        if best is not None and criterion >= least:
            break
        best, least = process, criterion
    assert best is not None
    return best


def _fitted(histories: Histories, states: int, is_sign: np.ndarray) -> tuple[TouchProcess, float]:
    """The process by EM, and its log-likelihood: first the states alone, which are plain to see, then quality as well.

    (Baum, L. E. et al. (1970), "A maximization technique", Annals of Mathematical Statistics 41(1).)
    """
    channels = histories.counts.shape[1]
    usual = (histories.counts.sum(axis=0) + 1e-9) / histories.lasts.sum()
    apart = np.exp(np.random.default_rng(0).normal(0, 0.3, (states, channels)))
    stay = np.full((states, states), 0.1 / (states - 1))
    np.fill_diagonal(stay, 0.9)
    rates = usual * np.linspace(0.7, 2.2, states)[:, None] * apart
    start, chances = np.full(states, 1 / states), np.array([1 - UNREACHED, UNREACHED])
    process = TouchProcess(rates, np.zeros(channels), stay, start, np.zeros(2), chances, is_sign)
    process, _ = _climb(process, histories)
    found = _expect(process, histories)
    expected = found.time_in_state @ process.rates * found.reached[:, None]
    rows = np.concatenate(histories.rows)
    of_account = sparse.csr_array((np.ones(len(rows)), (rows, np.arange(len(rows)))), shape=(len(expected), len(rows)))
    shared = loadings((of_account @ histories.counts).toarray(), expected)
    reached = 1 - process.chances[-1]
    return _climb(
        replace(
            process, loadings=shared, qualities=np.r_[QUALITIES, 0.0], chances=np.r_[reached * NORMAL, 1 - reached]
        ),
        histories,
    )


@dataclass(frozen=True)
class _Expected:
    """Of an E-step: touches (G S, K), steps (G S), changes of state (S, S), first states (S), and of each account its
    time in every state (n, S) and the chance that it is reached at all (n)."""

    log_likelihood: float
    touches: np.ndarray
    steps: np.ndarray
    changes: np.ndarray
    first: np.ndarray
    time_in_state: np.ndarray
    reached: np.ndarray


def _climb(process: TouchProcess, histories: Histories) -> tuple[TouchProcess, float]:
    reached = -np.inf
    for _ in range(ROUNDS):
        expected = _expect(process, histories)
        process, gained = _improved(process, expected), expected.log_likelihood - reached
        reached = expected.log_likelihood
        if gained < SETTLED:
            break
    return process, reached


def _expect(process: TouchProcess, histories: Histories) -> _Expected:
    log_rates = process.log_rates
    quiet, states = np.exp(-np.exp(log_rates).sum(axis=1)), len(process.start)
    emitted, beliefs, total = [], [], 0.0
    belief = np.repeat(process.prior[None], len(histories.lasts), axis=0)
    for step, rows in enumerate(histories.rows):
        emission = np.repeat(quiet[None], histories.observed(step), axis=0)
        said = histories.touched(step) @ log_rates.T
        most = said.max(axis=1, keepdims=True)
        emission[rows] *= np.exp(said - most)
        belief = belief[: len(emission)] * emission
        scale = belief.sum(axis=1, keepdims=True)
        belief /= scale
        total += float(np.log(scale).sum() + most.sum())
        emitted.append(emission / scale)
        beliefs.append(belief)
        belief = process.ahead(belief)
    touches, steps = np.zeros(log_rates.shape), np.zeros(len(quiet))
    changes = np.zeros((states, states))
    time_in_state = np.zeros((len(histories.lasts), states))
    later = np.empty((0, len(quiet)))
    for step in reversed(range(len(histories.rows))):
        likelihood = np.ones_like(beliefs[step])
        likelihood[: len(later)] = process.back(later)
        before = beliefs[step][: len(later)].reshape(-1, states)
        changes += before.T @ later.reshape(-1, states) * process.transitions
        posterior = beliefs[step] * likelihood
        posterior /= posterior.sum(axis=1, keepdims=True)
        steps += posterior.sum(axis=0)
        touches += (histories.touched(step).T @ posterior[histories.rows[step]]).T
        by_state = posterior.reshape(len(posterior), -1, states).sum(axis=1)
        time_in_state[: len(posterior)] += by_state
        later = emitted[step] * likelihood
    reached = posterior[:, :-states].sum(axis=1)
    return _Expected(total, touches, steps, changes, by_state.sum(axis=0), time_in_state, reached)


def _improved(process: TouchProcess, expected: _Expected) -> TouchProcess:
    """The M-step; loadings by Newton's method, in turn with the rates."""
    states = len(process.start)
    touches, steps = expected.touches.reshape(-1, states, len(process.loadings)), expected.steps.reshape(-1, states)
    usual = (touches.sum(axis=(0, 1)) + 1e-9) / steps.sum()
    u, shared = process.qualities, process.loadings
    for _ in range(3):
        lift = replace(process, loadings=shared).lifts
        rates = (touches.sum(axis=0) + RATE_PRIOR) / (np.einsum("gs,gk->sk", steps, lift) + RATE_PRIOR / usual)
        of_quality = np.einsum("sk,gs,gk->gk", rates, steps, lift)
        slope = u @ (touches.sum(axis=1) - of_quality) - LOADING_PRIOR * shared
        newton = slope / ((u**2) @ of_quality + LOADING_PRIOR)
        shared = np.clip(shared + np.clip(newton, -0.3, 0.3), LEAST_LOADING, GREATEST_LOADING)
    changes = expected.changes + np.eye(states) + 0.01
    unreached = 1 - (expected.reached.sum() + 1) / (len(expected.reached) + 1 / (1 - UNREACHED))
    reached = process.chances[:-1] / process.chances[:-1].sum() * (1 - unreached)
    return replace(
        process,
        rates=rates,
        loadings=shared if u.any() else process.loadings,
        transitions=changes / changes.sum(axis=1, keepdims=True),
        start=(expected.first + 1) / (expected.first + 1).sum(),
        chances=np.r_[reached, unreached],
    )


def loadings(counts: np.ndarray, expected: np.ndarray, rounds: int = 60) -> np.ndarray:
    """A loading of each channel, (K), from counts and expectations (n, K) of n accounts, to begin with.

    The covariance of two channels gives the product of theirs, log(1 + cov_cd / (e_c e_d)) = l_c l_d (a one-factor
    model: Aitchison, J. and Ho, C. H. (1989), Biometrika 76(4)): the rank-one matrix nearest to the pairs, each weighed
    by how often both were seen; the diagonal, which chance inflates, is left out.
    """
    pairs = np.log(np.maximum(counts.T @ counts / np.maximum(expected.T @ expected, 1e-12), 0.2))
    seen = np.sqrt(counts.sum(axis=0))
    importance = np.outer(seen, seen)
    np.fill_diagonal(importance, 0.0)
    total = np.maximum(importance.sum(axis=1), 1e-12)
    found = np.sqrt(np.maximum((pairs * importance).sum(axis=1) / total, 1e-4))
    for _ in range(rounds):
        found = 0.5 * found + 0.5 * ((importance * pairs) @ found) / np.maximum(importance @ found**2, 1e-9)
    return np.clip(found, LEAST_LOADING, GREATEST_LOADING)


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
