"""How the process of touches is learnt: by EM, chain by chain, and quality last.

The process itself, and what it says of a moment, is `attribution.touch_process`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from pipeline.attribution.touch_process import Histories, TouchProcess

#: Hidden chains, of which so many are used as the data tell apart.
MOST_CHAINS = 3
#: A chain to begin with: what it multiplies rates by while it is off and while it is on, how much channels differ in
#: that (in logarithms), the chance that it is on at first, and those to turn on and off in a step.
OFF, ON, SPREAD = 0.8, 2.0, 0.3
BEGINS_ON, TURNS_ON, TURNS_OFF = 0.2, 0.05, 0.1
#: Values of u and their chances: the normal distribution on a grid.
QUALITIES = np.linspace(-2.4, 2.4, 7)
NORMAL = np.exp(-(QUALITIES**2) / 2) / np.exp(-(QUALITIES**2) / 2).sum()
#: The part of accounts that no channel reaches, before any is seen.
UNREACHED = 0.1
LEAST_LOADING, GREATEST_LOADING = -1.0, 2.5
#: Rounds of EM, at most; it ends when a round adds less than this to the log-likelihood.
ROUNDS, SETTLED = 30, 0.1
#: What is known beforehand, in touches: of each rate, that it is the channel's own; of each loading, that it is none.
RATE_PRIOR, LOADING_PRIOR = 1.0, 4.0


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
        # Found are a rate, a loading and a factor per chain of each channel, and how each chain begins and turns.
        found = (2 + told.chains) * len(told.loadings) + 3 * told.chains + 1
        criterion = found * np.log(len(histories.lasts)) - 2 * log_likelihood
        if best is not None and criterion >= least:
            return best
        best, least = told, criterion
        if told.chains == MOST_CHAINS:
            return best
        process, _ = _climb(_with_chain(process), histories)


def _members(process: TouchProcess) -> list[np.ndarray]:
    """Of each chain, (S, 2), whether it is off or on in each state; where there is none, (1, 1), the one state."""
    if not process.chains:
        return [np.ones((1, 1))]
    return [np.column_stack([1 - is_on, is_on]) for is_on in process.is_on.T]


def _without_chains(histories: Histories, is_sign: np.ndarray) -> TouchProcess:
    """Every account is in the one state, and as good as any other."""
    usual = (histories.counts.sum(axis=0) + 1e-9) / histories.lasts.sum()
    chances = np.array([1 - UNREACHED, UNREACHED])
    return TouchProcess(usual[None], np.zeros(len(usual)), np.eye(1), np.ones(1), np.zeros(2), chances, is_sign)


def _with_chain(process: TouchProcess) -> TouchProcess:
    """The process with one more chain to begin with."""
    channels = len(process.loadings)
    apart = np.random.default_rng(process.chains).normal(0, SPREAD, channels)
    lift = np.vstack([np.full(channels, OFF), ON * np.exp(apart)])
    return replace(
        process,
        rates=np.repeat(process.rates, 2, axis=0) * np.tile(lift, (len(process.rates), 1)),
        transitions=np.kron(process.transitions, [[1 - TURNS_ON, TURNS_ON], [TURNS_OFF, 1 - TURNS_OFF]]),
        start=np.kron(process.start, [1 - BEGINS_ON, BEGINS_ON]),
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
    for member in _members(process):
        changes = member.T @ expected.changes @ member + np.eye(member.shape[1]) + 0.01
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
    members = _members(process)
    for _ in members:
        for member in members:
            # The rates without the factor of this chain.
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
