"""Markov against chains worked out by hand, and against what must hold for every chain."""

from __future__ import annotations

from itertools import groupby

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.attribution.fits import Paths, effects, fit_paths

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


@CHEAP
@given(paths)
def test_the_base_probability_is_the_observed_rate(given: Paths):
    result = fit_paths("markov", given)
    assert result.fit is not None
    rate = sum(converted for converted, _ in given.values()) / sum(sum(counts) for counts in given.values())
    assert result.fit.diagnostics["conversion_probability"] == pytest.approx(rate)


@CHEAP
@given(paths)
def test_dropping_self_loops_leaves_the_effects_as_they_are(given: Paths):
    without: dict[tuple[str, ...], tuple[float, float]] = {}
    for path, (converted, lost) in given.items():
        short = tuple(channel for channel, _ in groupby(path))
        before = without.get(short, (0, 0))
        without[short] = (before[0] + converted, before[1] + lost)
    assert effects(fit_paths("markov", given)) == pytest.approx(effects(fit_paths("markov", without)), abs=1e-9)


@CHEAP
@given(paths)
def test_every_effect_is_what_solving_the_chain_without_the_channel_says(given: Paths):
    found = effects(fit_paths("markov", given))
    assert found
    whole = converting_without(given, None)
    for channel, effect in found.items():
        assert effect == pytest.approx(1 - converting_without(given, channel) / whole, abs=1e-9)


def converting_without(given: Paths, removed: str | None) -> float:
    """The chance of conversion when all that enters a channel is lost, by solving that chain."""
    states = ["start", *"abcd", "converted", "null"]
    counts = np.zeros((len(states), len(states)))
    for path, (converted, lost) in given.items():
        for end, count in (("converted", converted), ("null", lost)):
            for source, target in zip(("start", *path), (*path, end), strict=True):
                counts[states.index(source), states.index(target)] += count
    chances = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    if removed:
        chances[:, states.index("null")] += chances[:, states.index(removed)]
        chances[:, states.index(removed)] = 0
    inner = slice(0, 5)
    return np.linalg.solve(np.eye(5) - chances[inner, inner], chances[inner, states.index("converted")])[0]
