"""How many conversions are expected of an account that has not converted yet."""

import numpy as np
import pytest

from pipeline.attribution.later_conversions import expected_later


def followed(rate: float, effect: float, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Moments described by one number z, their days left, the conversions expected in them, and whether one came."""
    random = np.random.default_rng(seed)
    described, left = random.normal(size=(20_000, 1)), random.uniform(1, 200, 20_000)
    expected = rate * np.exp(effect * described[:, 0]) * left
    return described, left, expected, random.random(20_000) < -np.expm1(-expected)


@pytest.mark.parametrize(("rate", "effect"), [(0.003, 0.8), (0.02, 0.0), (0.0002, -1.0)])
def test_the_rate_that_moments_were_drawn_by_is_found(rate: float, effect: float):
    described, left, expected, converts = followed(rate, effect, 1)
    assert 20 < converts.sum() < 19_000
    found = expected_later(described, left, converts, np.ones(20_000, bool))
    assert found.sum() == pytest.approx(expected.sum(), rel=0.2)
    assert np.corrcoef(np.log(found), np.log(expected))[0, 1] > 0.98


def test_how_moments_of_conversion_ended_is_not_read():
    described, left, _, converts = followed(0.003, 0.8, 2)
    at_risk = np.arange(20_000) >= 3_000
    found = expected_later(described, left, converts, at_risk)
    otherwise = expected_later(described, left, np.where(at_risk, converts, ~converts), at_risk)
    assert found == pytest.approx(otherwise, rel=1e-12)


@pytest.mark.parametrize("comes", [True, False])
def test_where_all_or_none_convert_the_answer_is_finite(comes: bool):
    described, left, _, _ = followed(0.003, 0.8, 3)
    found = expected_later(described, np.where(left < 2, 0.0, left), np.full(20_000, comes), np.ones(20_000, bool))
    assert np.isfinite(found).all()
    assert (found > 0).all()
    assert (np.median(found) > 3) == comes
