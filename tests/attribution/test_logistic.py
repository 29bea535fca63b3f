"""Logistic: what the averaged regressions must find, and the regression itself against its optimum."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.attribution.models.logistic import removal_effects
from tests.attribution.fits import effects, fit_paths


def test_a_channel_that_raises_the_odds_earns_and_one_that_does_nothing_does_not():
    # Conversion is 10% without a and 50% with it, whatever b is; removal of a loses 40 of every 50 of a's journeys.
    paths = {("a",): (500, 500), ("b",): (100, 900), ("a", "b"): (500, 500), (): (100, 900)}
    found = effects(fit_paths("logistic", paths))
    assert found["a"] == pytest.approx(800 / 1200, abs=0.03)
    assert found["b"] == pytest.approx(0, abs=0.03)


def test_a_channel_that_lowers_the_odds_keeps_its_negative_effect_and_earns_nothing():
    result = fit_paths("logistic", {("a",): (50, 50), ("b", "a"): (10, 90), (): (20, 80)})
    assert effects(result)["b"] < -0.05
    assert {one.channel: one.credit_share for one in result.channels()} == {"a": 1.0, "b": 0.0}


def test_the_regression_is_at_its_optimum():
    # One channel and no penalty to speak of: predicted rates are the observed ones, 0.2 without and 0.6 with it.
    sets, journeys, converted = np.array([[0], [1]]), np.array([[100.0, 50.0]]), np.array([[20.0, 30.0]])
    [[effect]] = removal_effects(sets, journeys, converted, 1e-9)
    assert effect == pytest.approx(50 * (0.6 - 0.2) / 50)


@pytest.mark.parametrize("penalty", [0.5, 4.0])
def test_the_penalty_is_what_it_says(penalty: float):
    # All 40 journeys with the channel convert, and 10 of 50 without it: unpenalised, its coefficient has no bound. At
    # the optimum the rate with it is p = 1 - penalty x coefficient / 40, and the others convert 10 + 40 (1 - p) of 50.
    sets, journeys, converted = np.array([[0], [1]]), np.array([[50.0, 40.0]]), np.array([[10.0, 40.0]])

    def rates(coefficient: float) -> tuple[float, float]:
        lost = penalty * coefficient / 40
        return 1 - lost, (10 + 40 * lost) / 50

    def too_large(coefficient: float) -> bool:
        with_it, without = rates(coefficient)
        return np.log(with_it / (1 - with_it)) - np.log(without / (1 - without)) < coefficient

    low, high = 1e-6, 20 * 0.4 / penalty
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (low, middle) if too_large(middle) else (middle, high)
    with_it, without = rates(low)
    [[effect]] = removal_effects(sets, journeys, converted, penalty)
    assert effect == pytest.approx(40 * (with_it - without) / 50, abs=1e-6)


def test_a_channel_that_only_ever_converted_stays_finite():
    found = effects(fit_paths("logistic", {("a",): (40, 0), ("b",): (20, 20), (): (5, 30)}))
    assert 0 < found["a"] < 1


def test_replicates_are_regressions_of_their_own():
    sets = np.array([[0, 0], [1, 0], [0, 1], [1, 1]])
    journeys = np.array([[100.0, 80, 60, 40], [90, 95, 50, 45]])
    converted = np.array([[10.0, 16, 9, 12], [12, 15, 10, 11]])
    together = removal_effects(sets, journeys, converted, 1.0)
    alone = np.concatenate([removal_effects(sets, journeys[[row]], converted[[row]], 1.0) for row in (0, 1)])
    assert together == pytest.approx(alone, abs=1e-4)
    assert abs(alone[0] - alone[1]).max() > 0.01, "both replicates are the same data"
