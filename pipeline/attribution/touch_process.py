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

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from scipy import sparse

#: Hidden chains, of which so many are used as the data tell apart.
MOST_CHAINS = 3
#: A chain to begin with: what it multiplies rates by while it is off and while it is on, how much channels differ in
#: that (in logarithms), the chance that it is on at first, and those to turn on and off in a step.
OFF, ON, APART = 0.8, 2.0, 0.3
BEGINS_ON, TURNS_ON, TURNS_OFF = 0.2, 0.05, 0.1
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
    chains: int

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
        is_on = np.tile(_is_on(self.chains), (classes, 1))
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


def fit_touch_process(histories: Histories, is_sign: np.ndarray) -> TouchProcess:
    """The process, with as many chains as Schwarz' criterion asks for (Annals of Statistics 6(2), 1978).

    Chains come one by one, each to those that were found before it; quality is told apart from them at the end, as
    what an account does for a while is plainer to see than what it always does.

    is_sign: the channels that are seen of accounts that no channel reaches too, (K).
    """
    best, least = None, np.inf
    process = _without_chains(histories, is_sign)
    while True:
        told, log_likelihood = _climb(_with_quality(process, histories), histories)
        found = (2 + told.chains) * len(told.loadings) + 3 * told.chains + 1
        criterion = found * np.log(len(histories.lasts)) - 2 * log_likelihood
        if best is not None and criterion >= least:
            return best
        best, least = told, criterion
        if told.chains == MOST_CHAINS:
            return best
        process, _ = _climb(_with_chain(process), histories)


def _is_on(chains: int) -> np.ndarray:
    """Which chains are on in each state, (S, chains): the last of them changes first."""
    return np.indices((2,) * chains).reshape(chains, 2**chains).T.astype(float)


def _without_chains(histories: Histories, is_sign: np.ndarray) -> TouchProcess:
    """Every account is in the one state, and as good as any other."""
    usual = (histories.counts.sum(axis=0) + 1e-9) / histories.lasts.sum()
    chances = np.array([1 - UNREACHED, UNREACHED])
    return TouchProcess(usual[None], np.zeros(len(usual)), np.eye(1), np.ones(1), np.zeros(2), chances, is_sign, 0)


def _with_chain(process: TouchProcess) -> TouchProcess:
    """The process with one more chain to begin with."""
    channels = len(process.loadings)
    apart = np.random.default_rng(process.chains).normal(0, APART, channels)
    lift = np.vstack([np.full(channels, OFF), ON * np.exp(apart)])
    return replace(
        process,
        rates=np.repeat(process.rates, 2, axis=0) * np.tile(lift, (len(process.rates), 1)),
        transitions=np.kron(process.transitions, [[1 - TURNS_ON, TURNS_ON], [TURNS_OFF, 1 - TURNS_OFF]]),
        start=np.kron(process.start, [1 - BEGINS_ON, BEGINS_ON]),
        chains=process.chains + 1,
    )


def _with_quality(process: TouchProcess, histories: Histories) -> TouchProcess:
    """The process with accounts that differ in quality as much as their touches over all their time tell."""
    found = _expect(process, histories)
    expected = found.time_in_state @ process.rates * found.reached[:, None]
    rows = np.concatenate(histories.rows)
    of_account = sparse.csr_array((np.ones(len(rows)), (rows, np.arange(len(rows)))), shape=(len(expected), len(rows)))
    shared = loadings((of_account @ histories.counts).toarray(), expected)
    reached = 1 - process.chances[-1]
    chances = np.r_[reached * NORMAL, 1 - reached]
    return replace(process, loadings=shared, qualities=np.r_[QUALITIES, 0.0], chances=chances)


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
    """The process by EM from here, and its log-likelihood.

    (Baum, L. E. et al. (1970), "A maximization technique", Annals of Mathematical Statistics 41(1).)
    """
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
    rates = process.rates
    for _ in range(3):
        lift = replace(process, loadings=shared).lifts
        rates = _rates(process, rates, touches.sum(axis=0), np.einsum("gs,gk->sk", steps, lift), usual)
        of_quality = np.einsum("sk,gs,gk->gk", rates, steps, lift)
        slope = u @ (touches.sum(axis=1) - of_quality) - LOADING_PRIOR * shared
        newton = slope / ((u**2) @ of_quality + LOADING_PRIOR)
        shared = np.clip(shared + np.clip(newton, -0.3, 0.3), LEAST_LOADING, GREATEST_LOADING)
    transitions, start = np.eye(1), np.ones(1)
    for is_on in _is_on(process.chains).T:
        member = np.column_stack([1 - is_on, is_on])
        changes = member.T @ expected.changes @ member + np.eye(2) + 0.01
        first = member.T @ expected.first + 1
        transitions = np.kron(transitions, changes / changes.sum(axis=1, keepdims=True))
        start = np.kron(start, first / first.sum())
    unreached = 1 - (expected.reached.sum() + 1) / (len(expected.reached) + 1 / (1 - UNREACHED))
    reached = process.chances[:-1] / process.chances[:-1].sum() * (1 - unreached)
    return replace(
        process,
        rates=rates,
        loadings=shared if u.any() else process.loadings,
        transitions=transitions,
        start=start,
        chances=np.r_[reached, unreached],
    )


def _rates(
    process: TouchProcess, rates: np.ndarray, touches: np.ndarray, steps: np.ndarray, usual: np.ndarray
) -> np.ndarray:
    """Rates (S, K) that are a product over the chains, from touches and steps (S, K): chain by chain, the others held.

    (Iterative proportional fitting: Deming, W. E. and Stephan, F. F. (1940), Annals of Mathematical Statistics 11(4).)
    """
    if not process.chains:
        return (touches + RATE_PRIOR) / (steps + RATE_PRIOR / usual)
    for _ in range(process.chains):
        for is_on in _is_on(process.chains).T:
            member = np.column_stack([1 - is_on, is_on])
            others = rates / (member @ (member.T @ rates / member.sum(axis=0)[:, None]))
            seen = member.T @ touches + RATE_PRIOR
            expected = member.T @ (steps * others) + RATE_PRIOR / usual
            rates = others * (member @ (seen / expected))
    return rates


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
