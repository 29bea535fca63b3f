"""The figures of an evaluation against values worked out by hand."""

import numpy as np
import pytest

from pipeline.attribution.evaluation import metrics

ONE = np.ones(4)


def test_log_loss_of_four_journeys():
    probability, converted = np.array([0.8, 0.4, 0.5, 0.1]), np.array([1, 0, 1, 0])
    by_hand = -(np.log(0.8) + np.log(0.6) + np.log(0.5) + np.log(0.9)) / 4
    assert metrics.log_loss(probability, ONE, converted) == pytest.approx(by_hand)
    assert metrics.log_loss(np.full(4, 0.5), ONE, converted) == pytest.approx(np.log(2))


def test_a_cell_counts_as_its_journeys():
    alone = metrics.log_loss(np.array([0.3, 0.3, 0.3, 0.7]), ONE, np.array([1, 0, 0, 1]))
    together = metrics.log_loss(np.array([0.3, 0.7]), np.array([3, 1]), np.array([1, 1]))
    assert together == pytest.approx(alone)


def test_a_surprise_costs_much_and_not_infinitely_much():
    assert metrics.log_loss(np.array([0.0]), np.ones(1), np.ones(1)) == pytest.approx(-np.log(1e-6))


def test_difference_is_paired():
    probability, other, converted = np.array([0.9, 0.2]), np.array([0.6, 0.5]), np.array([1, 0])
    single = np.array([np.log(0.6) - np.log(0.9), np.log(0.5) - np.log(0.8)])
    mean, error = metrics.log_loss_difference(probability, other, np.ones(2), converted)
    assert mean == pytest.approx(single.mean())
    assert error == pytest.approx(single.std(ddof=1) / np.sqrt(2))
    assert metrics.log_loss_difference(probability, probability, np.ones(2), converted) == (0.0, 0.0)


def test_auc_counts_pairs():
    # pairs of a converted (0.8, 0.4) and another (0.6, 0.4): higher, higher, lower, tied
    score, converted = np.array([0.8, 0.4, 0.6, 0.4]), np.array([1, 1, 0, 0])
    assert metrics.auc(score, ONE, converted) == pytest.approx((1 + 1 + 0 + 0.5) / 4)
    assert metrics.auc(np.array([3, 2, 1, 0]), ONE, np.array([1, 1, 0, 0])) == 1.0
    assert metrics.auc(np.array([0, 1, 2, 3]), ONE, np.array([1, 1, 0, 0])) == 0.0
    assert metrics.auc(np.zeros(4), ONE, np.array([1, 0, 1, 0])) == 0.5
    assert metrics.auc(score, ONE, ONE) is None


@pytest.mark.parametrize(("converted", "lost"), [(1, 1), (10, 10), (3, 40)])
def test_auc_error_of_a_useless_score_is_that_of_the_rank_sum_test(converted, lost):
    # Mann and Whitney 1947: without any effect the variance is (n + m + 1) / 12nm
    assert metrics.auc_error(0.5, converted, lost) ** 2 == pytest.approx(
        (converted + lost + 1) / (12 * converted * lost)
    )


def test_reliability_of_two_bins():
    probability = np.array([0.1, 0.3, 0.6, 0.8])
    first, second = metrics.reliability(probability, ONE, np.array([0, 1, 0, 1]), bins=2)
    assert (first.count, first.predicted, first.observed) == (2, pytest.approx(0.2), 0.5)
    assert (second.count, second.predicted, second.observed) == (2, pytest.approx(0.7), 0.5)
    assert metrics.calibration_error([first, second]) == pytest.approx((0.3 + 0.2) / 2)


def test_total_variation_is_the_part_that_moves():
    assert metrics.total_variation({"a": 0.5, "b": 0.5}, {"a": 0.2, "c": 0.8}) == pytest.approx(0.8)
    assert metrics.total_variation({"a": 2, "b": 2}, {"a": 0.5, "b": 0.5}) == 0
    assert metrics.total_variation({"a": 1}, {"b": 1}) == 1
    assert metrics.total_variation({"a": 0.0}, {"b": 1}) == 1


def test_logistic_fit_finds_the_rates_of_two_groups():
    features = np.array([[0.0], [1.0]])
    coefficients = metrics.logistic_fit(features, np.array([1000, 1000]), np.array([200, 600]), ridge=0)
    assert metrics.probability_of(coefficients, features) == pytest.approx([0.2, 0.6])


def test_logistic_fit_of_a_perfect_separation_ends():
    features = np.array([[0.0], [1.0]])
    found = metrics.probability_of(metrics.logistic_fit(features, np.array([5, 5]), np.array([0, 5])), features)
    assert found[0] < 0.05 < 0.95 < found[1]
