"""Shapley: the axioms on generated games, and conversion rates worked out by hand."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import sparse

from pipeline.attribution.exposures import Exposures
from pipeline.attribution.models.shapley import exact_values, sampled_values, shapley_values
from tests.attribution.fits import effects, fit_paths

PLAYERS = 4
games = arrays(float, 2**PLAYERS, elements=st.floats(-10, 10))
players = st.integers(0, PLAYERS - 1)
CHEAP = settings(max_examples=100, deadline=None, derandomize=True, database=None)


@CHEAP
@given(games)
def test_efficiency_the_values_share_out_what_all_are_worth(game: np.ndarray):
    assert shapley_values(game).sum() == pytest.approx(game[-1] - game[0], abs=1e-9)


@CHEAP
@given(games, players, players)
def test_symmetry_players_that_add_the_same_have_the_same(game: np.ndarray, one: int, other: int):
    assume(one != other)
    coalitions = np.arange(2**PLAYERS)
    swapped = coalitions & ~(1 << one | 1 << other)
    swapped |= ((coalitions >> one) & 1) << other | ((coalitions >> other) & 1) << one
    values = shapley_values(game + game[swapped])
    assert values[one] == pytest.approx(values[other], abs=1e-9)


@CHEAP
@given(games, players)
def test_dummy_a_player_that_adds_only_its_own_worth_has_that(game: np.ndarray, player: int):
    coalitions = np.arange(2**PLAYERS)
    own = 1.75
    values = shapley_values(game[coalitions & ~(1 << player)] + own * ((coalitions >> player) & 1))
    assert values[player] == pytest.approx(own, abs=1e-9)


@CHEAP
@given(games, games)
def test_additivity_the_value_of_two_games_is_the_sum_of_theirs(one: np.ndarray, other: np.ndarray):
    assert shapley_values(one + other) == pytest.approx(shapley_values(one) + shapley_values(other), abs=1e-9)


@CHEAP
@given(games)
def test_a_value_is_the_average_over_all_orders(game: np.ndarray):
    total = np.zeros(PLAYERS)
    orders = list(permutations(range(PLAYERS)))
    for order in orders:
        joined = 0
        for player in order:
            total[player] += game[joined | 1 << player] - game[joined]
            joined |= 1 << player
    assert shapley_values(game) == pytest.approx(total / len(orders), abs=1e-9)


def test_conversion_rates_by_hand():
    # v(a) = 2/10, v(b) = 0/10, v(ab) = 8/40: a joins b for 0.2 and nobody for 0.2; b never adds.
    result = fit_paths("shapley", {("a",): (2, 8), ("b",): (0, 10), ("a", "b"): (6, 14)}, smoothing=0)
    assert effects(result) == pytest.approx({"a": 0.2, "b": 0.0})


def test_journeys_without_a_touch_are_worth_what_converts_by_itself():
    # v() = 1/10, v(a) = (1 + 5)/(10 + 10): a adds 0.2 to it.
    result = fit_paths("shapley", {(): (1, 9), ("a",): (5, 5)}, smoothing=0)
    assert effects(result) == pytest.approx({"a": 0.2})


def test_smoothing_makes_a_coalition_that_was_hardly_seen_say_little():
    rare = {("a",): (1, 0), ("b",): (50, 50)}
    assert effects(fit_paths("shapley", rare, smoothing=0))["a"] > effects(fit_paths("shapley", rare, smoothing=0))["b"]
    smoothed = effects(fit_paths("shapley", rare, smoothing=10))
    assert smoothed["a"] < smoothed["b"]


def test_the_order_and_number_of_touches_does_not_matter():
    once = fit_paths("shapley", {("a", "b"): (3, 4), ("b",): (1, 6)})
    again = fit_paths("shapley", {("b", "a", "b"): (3, 4), ("b", "b"): (1, 6)})
    assert effects(once) == pytest.approx(effects(again))


def test_drawn_orders_come_to_the_exact_values_within_their_stated_error():
    random = np.random.default_rng(5)
    sets = np.unique(random.random((60, 9)) < 0.4, axis=0)
    journeys = random.integers(1, 30, (len(sets), 3)).astype(float)
    converted = np.floor(journeys * random.random((len(sets), 3)))
    exposures = Exposures([*"abcdefghi"], sets, sparse.csr_array(converted), sparse.csr_array(journeys))
    weights = np.ones((1, 3))
    drawn = random.permuted(np.tile(np.arange(9), (1000, 1)), axis=1)
    orders = np.stack([drawn, drawn[:, ::-1]], axis=1).reshape(-1, 9)
    [values], error = sampled_values(exposures, weights, 5, orders)
    [exact] = exact_values(exposures, weights, 5)
    assert (np.abs(values - exact) < 4 * error).all()
    assert 0 < error.max() < 0.1 * np.abs(exact).max(), "the stated error says nothing"
