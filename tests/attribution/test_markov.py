"""Markov against chains worked out by hand, and against what must hold for every chain."""

from __future__ import annotations

from itertools import groupby

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.attribution.fits import Paths, effects, fit_journeys, fit_paths

#: start -> a 2/3, b 1/3; a -> b 1/2, null 1/2; b -> c 1; c -> converted 1/2, null 1/2: one in three converts.
CHAIN: Paths = {("a", "b", "c"): (1, 0), ("a",): (0, 1), ("b", "c"): (0, 1)}

CHEAP = settings(
    max_examples=20, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)
paths = st.dictionaries(
    st.lists(st.sampled_from("abcd"), min_size=1, max_size=5).map(tuple),
    st.tuples(st.integers(0, 9), st.integers(0, 9)),
    min_size=2,
    max_size=8,
).filter(lambda given: sum(one for one, _ in given.values()) > 0 and sum(other for _, other in given.values()) > 0)


def test_the_chain_by_hand():
    result = fit_paths("markov", CHAIN)
    # Without a only the third that starts at b is left, and half of it converts: 1/6 of 1/3.
    assert effects(result) == pytest.approx({"a": 0.5, "b": 1.0, "c": 1.0})
    assert {one.channel: one.credit_share for one in result.channels()} == pytest.approx({"a": 0.2, "b": 0.4, "c": 0.4})
    assert {one.channel: one.conversions for one in result.channels()} == pytest.approx({"a": 0.2, "b": 0.4, "c": 0.4})


def test_a_loop_of_two_channels_by_hand():
    # start -> a; a -> b 2/3, converted 1/3; b -> a 1/2, null 1/2. Without b a third of what converts is lost:
    # with it 1/3 + 2/3 * 1/2 * p = p = 1/2, without it 1/3.
    result = fit_paths("markov", {("a", "b", "a"): (1, 0), ("a", "b"): (0, 1)})
    assert effects(result) == pytest.approx({"a": 1.0, "b": 1 / 3})


@pytest.mark.parametrize("order", [1, 2, 4])
@CHEAP
@given(paths)
def test_the_base_probability_is_the_observed_rate_and_an_effect_what_solving_the_chain_without_it_says(
    order: int, given: Paths
):
    result = fit_paths("markov", given, order=order)
    assert result.fit is not None
    rate = sum(converted for converted, _ in given.values()) / sum(sum(counts) for counts in given.values())
    assert result.fit.diagnostics["conversion_probability"] == pytest.approx(rate)
    assert converting_without(given, None, order) == pytest.approx(rate)
    found = effects(result)
    assert found
    for channel, effect in found.items():
        assert effect == pytest.approx(1 - converting_without(given, channel, order) / rate, abs=1e-9)


@CHEAP
@given(paths)
def test_dropping_self_loops_leaves_the_effects_as_they_are(given: Paths):
    without: dict[tuple[str, ...], tuple[float, float]] = {}
    for path, (converted, lost) in given.items():
        short = tuple(channel for channel, _ in groupby(path))
        before = without.get(short, (0, 0))
        without[short] = (before[0] + converted, before[1] + lost)
    assert effects(fit_paths("markov", given)) == pytest.approx(effects(fit_paths("markov", without)), abs=1e-9)


@pytest.mark.parametrize("order", [2, 3, 4])
def test_a_chain_of_a_higher_order_by_hand(order: int):
    # Journeys of `order` touches: a then only b's always converts, c then only b's never does. One order less takes the
    # last b's of both for one state that converts one time in two, so that c is credited; this one knows better.
    ends = ("b",) * (order - 1)
    chain: Paths = {("a", *ends): (1, 0), ("c", *ends): (0, 1)}
    assert effects(fit_paths("markov", chain, order=order - 1)) == pytest.approx({"a": 0.5, "b": 1.0, "c": 0.5})
    assert effects(fit_paths("markov", chain, order=order)) == pytest.approx({"a": 1.0, "b": 1.0, "c": 0.0})


def test_the_order_is_chosen_by_what_predicts_accounts_that_were_held_out():
    # What follows depends on the touch before the last (order 2), or on the last alone (order 1).
    random = np.random.default_rng(3)
    last_but_one = [(("a", "b"), True), (("c", "b"), False)] * 60
    last_alone = [
        (tuple(path), path[-1] == "a" or bool(random.random() < 0.3))
        for path in (random.choice(list("abc"), random.geometric(0.4)) for _ in range(300))
    ]
    for journeys, order in ((last_but_one, 2), (last_alone, 1)):
        result = fit_journeys("markov", journeys, order="auto")
        assert result.fit is not None
        losses = result.fit.diagnostics["held_out_log_loss"]
        assert set(losses) == {"1", "2", "3", "4"}
        assert result.fit.diagnostics["order"] == order == int(min(losses, key=losses.get))


def test_paths_that_stand_for_many_are_judged_without_holding_any_out():
    chain: Paths = {("a", "b"): (200, 0), ("c", "b"): (0, 200)}
    result = fit_paths("markov", chain, order="auto")
    assert result.fit is not None
    assert result.fit.diagnostics["order"] == 2
    assert "log_loss_by_akaike" in result.fit.diagnostics


def test_replicates_of_a_higher_order_spread_like_those_solved_one_by_one():
    random = np.random.default_rng(5)
    journeys = [
        (tuple(random.choice(list("abc"), random.integers(1, 5))), bool(random.random() < 0.4)) for _ in range(400)
    ]
    order_one, order_two = (fit_journeys("markov", journeys, order=order, replicates=200) for order in ("1", "2"))
    assert order_one.fit is not None
    assert order_two.fit is not None
    spreads = [fit.effects[1:].std(axis=0) for fit in (order_one.fit, order_two.fit)]
    assert (spreads[0] > 0.005).all()
    assert spreads[1] == pytest.approx(spreads[0], rel=0.35)


def converting_without(given: Paths, removed: str | None, order: int = 1) -> float:
    """The chance of conversion when all that enters a channel is lost, by solving that chain."""
    sources = {(), *(path[max(0, end - order) : end] for path in given for end in range(1, len(path) + 1))}
    states: list[object] = [*sorted(sources), "converted", "null"]
    counts = np.zeros((len(states), len(states)))
    for path, (converted, lost) in given.items():
        walked = [path[max(0, end - order) : end] for end in range(len(path) + 1)]
        for end, count in (("converted", converted), ("null", lost)):
            for source, target in zip(walked, (*walked[1:], end), strict=True):
                counts[states.index(source), states.index(target)] += count
    chances = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    if removed:
        for number, state in enumerate(states[:-2]):
            if state[-1:] == (removed,):  # type: ignore[index]
                chances[:, number] = 0
    inner = slice(0, len(states) - 2)
    solved = np.linalg.solve(np.eye(len(states) - 2) - chances[inner, inner], chances[inner, -2])
    return float(solved[states.index(())])
