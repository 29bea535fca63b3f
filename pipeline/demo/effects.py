"""What each channel truly causes: the same lives lived again without it.

For channel c and outcome o the effect is E[o with all channels] - E[o without c], over lives of
the same accounts. Each life draws all its chances anew, but within a life the worlds with and
without a channel share every chance (common random numbers), so that their difference has little
noise. Its standard error is that of the mean over lives, accounts being given and independent of
each other; where only a part of the accounts was lived, or they lived once, accounts are clusters.
"""

from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass, replace
from itertools import combinations
from math import factorial

import numpy as np

from pipeline.demo.company import Company
from pipeline.demo.draws import Draws, draw
from pipeline.demo.exposure import holdouts_of
from pipeline.demo.life import live
from pipeline.demo.people import Accounts, blocks, settle
from pipeline.demo.rng import BLOCK_ACCOUNTS
from pipeline.demo.tally import OUTCOMES

#: Channel-less worlds are lived side by side up to this many account rows at once, to bound memory.
_MOST_ROWS = 40_000


@dataclass(frozen=True)
class Effects:
    """Totals for the whole company; `lost` and `standard_error` are (worlds, outcomes), `total` (outcomes)."""

    names: tuple[str, ...]
    total: np.ndarray
    total_standard_error: np.ndarray
    lost: np.ndarray
    standard_error: np.ndarray
    realised: np.ndarray
    lives: int
    accounts_lived: int


def removal_worlds(company: Company) -> tuple[tuple[str, ...], np.ndarray]:
    """A name and a row of switches per world: each channel off alone, then all off."""
    names = tuple(channel.name for channel in company.world.channels)
    return (*names, "all_channels"), np.vstack([~np.eye(len(names), dtype=bool), np.zeros((1, len(names)), dtype=bool)])


def removal_effects(
    company: Company, lives: int, most_accounts: int, advance: Callable[[int, int], None] | None = None
) -> Effects:
    """The effect of every channel, and of all together, by living `lives` lives without each.

    Life 0 is the factual one: its differences are `realised`. In companies larger than `most_accounts`
    the first blocks stand for all, scaled up; the standard error covers that.
    """
    names, without = removal_worlds(company)
    switched = np.vstack([np.ones((1, without.shape[1]), dtype=bool), without])
    used = [b for b in range(blocks(company.accounts)) if b * BLOCK_ACCOUNTS < max(most_accounts, 1)]
    is_whole = len(used) == blocks(company.accounts)
    sums = np.zeros((len(switched), len(OUTCOMES)))
    variance, between = np.zeros_like(sums), np.zeros_like(sums)
    realised = np.zeros((len(without), len(OUTCOMES)))
    sampled = 0
    for k, block in enumerate(used):
        total, squares = 0.0, 0.0
        for life, values in enumerate(lives_of(company, block, lives, switched)):
            differences = np.concatenate([values[:1], values[:1] - values[1:]])
            if life == 0:
                realised += differences[1:].sum(axis=1)
            total = total + differences
            squares = squares + differences**2
            if advance is not None:
                advance(k * lives + life + 1, len(used) * lives)
        mean = total / lives
        sums += mean.sum(axis=1)
        between += (mean**2).sum(axis=1)
        if lives > 1:
            variance += (squares / lives - mean**2).clip(0).sum(axis=1) / (lives - 1)
        sampled += mean.shape[1]
    if lives == 1 or not is_whole:
        # The spread between accounts then stands for chance as well; it errs on the safe side.
        variance = np.maximum(between - sums**2 / sampled, 0)
    scale = company.accounts / sampled
    error = np.sqrt(variance) * scale
    return Effects(names, sums[0] * scale, error[0], sums[1:] * scale, error[1:], realised * scale, lives, sampled)


def lives_of(company: Company, block: int, lives: int, switched: np.ndarray) -> Iterator[np.ndarray]:
    """Outcomes (worlds, accounts, outcomes) of each life of a block in each of the worlds.

    Small blocks live several lives side by side, large ones a few worlds at a time; no number depends on it.
    """
    row_count = min(BLOCK_ACCOUNTS, company.accounts - block * BLOCK_ACCOUNTS)
    together = max(1, _MOST_ROWS // (row_count * len(switched)))
    for first in range(0, lives, together):
        numbers = range(first, min(first + together, lives))
        accounts = [settle(company, block, life) for life in numbers]
        draws = Draws.side_by_side([draw(company.seed, one, life) for one, life in zip(accounts, numbers, strict=True)])
        held = [
            (channel, start, end, np.tile(kept_from, len(numbers)))
            for channel, start, end, kept_from in holdouts_of(company, accounts[0])
        ]
        everybody = Accounts.side_by_side(accounts)
        at_once = max(1, _MOST_ROWS // everybody.count)
        parts = []
        for world in range(0, len(switched), at_once):
            # Open streams are drawn from once: worlds that live later meet the same chances from streams of their own.
            chances = draws if len(switched) <= at_once else replace(draws, streams=deepcopy(draws.streams))
            parts.append(live(company, everybody, switched[world : world + at_once], held=held, draws=chances).values)
        values = np.concatenate(parts)
        yield from np.split(values, len(numbers), axis=1)


def shapley_values(company: Company, lives: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Exact Shapley values of the true game v(S) = outcomes with only the channels S on.

    Returns values, standard errors (channels, outcomes) and v(nothing) (outcomes). All 2^channels
    worlds are lived, so it is meant for companies of few channels. Shapley (1953),
    phi_i = sum over S without i of |S|! (n-|S|-1)! / n! (v(S+i) - v(S)).
    """
    count = len(company.world.channels)
    if count > 10:
        raise ValueError(f"exact Shapley values need all coalitions: at most 10 channels, not {count}")
    coalitions = np.array([[bool(c >> k & 1) for k in range(count)] for c in range(2**count)])
    weights = np.zeros((count, 2**count))
    for k in range(count):
        others = [j for j in range(count) if j != k]
        for size in range(count):
            weight = factorial(size) * factorial(count - size - 1) / factorial(count)
            for chosen in combinations(others, size):
                without = sum(1 << j for j in chosen)
                weights[k, without] -= weight
                weights[k, without | 1 << k] += weight
    results = []
    nothing = np.zeros(len(OUTCOMES))
    for values in lives_of(company, 0, lives, coalitions):
        results.append(np.einsum("cs,sao->cao", weights, values))
        nothing += values[0].sum(axis=0) / lives
    mean = np.mean(results, axis=0)
    error = mean.std(axis=1, ddof=1) * np.sqrt(mean.shape[1])
    return mean.sum(axis=1), error, nothing
