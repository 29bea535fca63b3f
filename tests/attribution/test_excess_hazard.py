"""The additive excess hazard: what was simulated is found, and the penalty falls on what does nothing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from pipeline.attribution.excess_hazard import Moments, fit_excess, sharpened


def moments_of(half_life: int, effect: float, seed: int, *, censored: bool) -> Moments:
    """Units, half of them touched at day 0, that convert by the hazard 0.01 (1 + effect 2^(-t / half_life)) a day."""
    random, units, days = np.random.default_rng(seed), 6000, np.arange(60)
    touched = np.arange(units) % 2
    chance = 0.01 * (1 + effect * touched[:, None] * 0.5 ** (days / half_life))
    reached = random.exponential(size=(units, 1)) <= chance.cumsum(axis=1)
    until = random.integers(5, 60, units) if censored else np.full(units, 60)
    at = np.where(reached.any(axis=1), reached.argmax(axis=1), 60)
    case = at < until
    ends = np.where(case, at + 1, until)
    day = np.concatenate([at[case], np.concatenate([np.arange(one) for one in ends])])
    was_touched = np.concatenate([touched[case], np.repeat(touched, ends)])
    exposure = np.column_stack([was_touched * 0.5 ** (day / h) for h in (2, 8, 32)])
    return Moments(
        np.arange(len(day)) < case.sum(),
        np.ones(len(day)),
        np.zeros(len(day), int),
        np.zeros((len(day), 0)),
        exposure,
        np.zeros(3, int),
    )


@pytest.mark.parametrize("censored", [False, True])
def test_the_simulated_effect_and_its_half_life_are_found(censored: bool):
    fit = fit_excess(moments_of(8, 6.0, 1, censored=censored))
    area = fit.effects * np.array([2, 8, 32])
    assert area.sum() == pytest.approx(6.0 * 8, rel=0.25)
    assert np.exp(fit.level) == pytest.approx(0.01, rel=0.2)
    assert area.argmax() == 1


def test_who_converts_more_is_found_by_what_is_believed_of_accounts():
    """A third converts four times as often; all that is known is a chance, which is true."""
    random, units = np.random.default_rng(5), 20_000
    chance = random.beta(0.5, 1.0, units)
    is_eager = random.random(units) < chance
    converts = random.random(units) < 0.05 * np.where(is_eager, 4.0, 1.0)
    which = np.r_[np.flatnonzero(converts), np.arange(units)]
    moments = Moments(
        np.arange(len(which)) < converts.sum(),
        np.ones(len(which)),
        np.zeros(len(which), int),
        np.zeros((len(which), 0)),
        np.zeros((len(which), 1)),
        np.zeros(1, int),
        belief=np.column_stack([1 - chance, chance])[which],
        features=np.array([[0.0], [1.0]]),
    )
    fit = fit_excess(moments)
    assert np.exp(fit.of_class[0]) == pytest.approx(4.0, rel=0.1)
    assert np.exp(fit.level) == pytest.approx(0.05, rel=0.1)


def test_a_channel_that_does_much_is_shrunk_less_for_having_been_found_to_and_one_that_does_nothing_more():
    acting = moments_of(8, 6.0, 2, censored=True)
    seen = np.random.default_rng(3).random((len(acting.is_case), 6)) < 0.1
    both = replace(acting, exposure=np.column_stack([acting.exposure, seen.astype(float)]), channel=np.r_[0, 0, 0, 1:7])
    first = fit_excess(both)
    fit = sharpened(both, first)
    assert fit.effects[:3] @ (2, 8, 32) > first.effects[:3] @ (2, 8, 32)
    assert first.effects[3:].sum() > 0
    assert fit.effects[3:].sum() < first.effects[3:].sum()
    assert fit.lasso[:3].max() < first.lasso[0] < fit.lasso[3:].min()
