"""The two models of repeat purchases: published parameters, laws, and data they were made from."""

from pathlib import Path

import numpy as np
import pyarrow.csv
import pytest

from pipeline.clv import bg_nbd, gamma_gamma
from pipeline.clv.bg_nbd import Histories
from pipeline.clv.gamma_gamma import Amounts

CDNOW = Path(__file__).parents[3] / "shared/data/cdnow/cdnow_customers_summary_with_transactions.csv"
PUBLISHED = np.array([0.243, 4.414, 0.793, 2.426])

needs_cdnow = pytest.mark.skipif(not CDNOW.exists(), reason="the CDNOW file is not part of the project, and not here")


def columns() -> list[np.ndarray]:
    table = pyarrow.csv.read_csv(CDNOW)
    return [table[name].to_numpy().astype(float) for name in ("x", "t_x", "T", "zbar")]


def one(x: float, t_x: float, age: float) -> Histories:
    return Histories(np.array([x]), np.array([t_x]), np.array([age]), np.ones(1))


@needs_cdnow
def test_cdnow_gives_the_published_bg_nbd_parameters():
    x, t_x, age, _ = columns()
    found = bg_nbd.fit(Histories(x, t_x, age, np.ones(len(x))))
    assert found.parameters == pytest.approx({"r": 0.24, "alpha": 4.41, "a": 0.79, "b": 2.43}, abs=0.005)
    assert found.log_likelihood == pytest.approx(-9582.4, abs=0.05)


@needs_cdnow
def test_cdnow_gives_the_published_gamma_gamma_parameters():
    x, _, _, mean = columns()
    repeat = x > 0
    found = gamma_gamma.fit(Amounts(x[repeat], mean[repeat], np.ones(repeat.sum())))
    assert found.parameters == pytest.approx({"p": 6.25, "q": 3.74, "v": 15.45}, abs=0.005)


def test_the_published_customer_is_expected_to_buy_as_often_as_published():
    # Two repeat purchases, the last after 30.43 of 38.86 weeks: 1.226 more in 39 weeks (Fader, Hardie & Lee 2005).
    assert bg_nbd.expected_purchases(PUBLISHED, one(2, 30.43, 38.86), 39) == pytest.approx(1.226, abs=0.001)


def test_a_customer_without_repeat_is_alive_and_silence_speaks_against_a_frequent_one():
    assert bg_nbd.alive_probability(PUBLISHED, one(0, 0, 38.86)) == 1
    recent, silent = (bg_nbd.alive_probability(PUBLISHED, one(20, last, 38.86))[0] for last in (38, 10))
    assert silent < 0.01 < 0.8 < recent


def test_expected_purchases_grow_with_the_horizon_and_start_from_none():
    customer = one(3, 20, 30)
    growing = [bg_nbd.expected_purchases(PUBLISHED, customer, t)[0] for t in (1e-9, 1, 10, 100, 1000)]
    assert growing[0] == pytest.approx(0, abs=1e-6)
    assert growing == sorted(growing)


def test_hundreds_of_purchases_do_not_overflow():
    expected = bg_nbd.expected_purchases(PUBLISHED, one(800, 99, 100), 52)
    assert 100 < expected[0] < 800


def test_identical_customers_may_be_counted_instead_of_listed():
    x, t_x, age = np.array([0.0, 2.0]), np.array([0.0, 9.0]), np.array([20.0, 20.0])
    counted = bg_nbd.log_likelihood(PUBLISHED, Histories(x, t_x, age, np.array([3.0, 2.0])))
    listed = Histories(*(np.repeat(column, [3, 2]) for column in (x, t_x, age)), np.ones(5))
    assert counted == pytest.approx(bg_nbd.log_likelihood(PUBLISHED, listed))


def test_a_fit_finds_what_the_purchases_were_drawn_from():
    random = np.random.default_rng(7)
    true, known, size = {"r": 0.8, "alpha": 6.0, "a": 0.9, "b": 2.5}, 80.0, 6000
    rates = random.gamma(true["r"], 1 / true["alpha"], size)
    leaving = random.beta(true["a"], true["b"], size)
    x, t_x = np.zeros(size), np.zeros(size)
    for customer in range(size):
        now = random.exponential(1 / rates[customer])
        while now < known:
            x[customer], t_x[customer] = x[customer] + 1, now
            if random.random() < leaving[customer]:
                break
            now += random.exponential(1 / rates[customer])
    found = bg_nbd.fit(Histories(x, t_x, np.full(size, known), np.ones(size)))
    assert found.parameters is not None
    assert found.parameters["r"] / found.parameters["alpha"] == pytest.approx(0.8 / 6, rel=0.1)
    assert found.parameters["a"] / (found.parameters["a"] + found.parameters["b"]) == pytest.approx(0.9 / 3.4, rel=0.1)


def test_a_currency_changes_the_scale_of_an_amount_and_nothing_else():
    random = np.random.default_rng(3)
    x = random.integers(1, 9, 800).astype(float)
    mean = random.gamma(6 * x, 1 / (x * random.gamma(4, 1 / 15, 800)))
    dollars, yen = (gamma_gamma.fit(Amounts(x, mean * factor, np.ones(800))).parameters for factor in (1, 150))
    assert dollars
    assert yen
    assert (yen["p"], yen["q"]) == pytest.approx((dollars["p"], dollars["q"]), rel=1e-4)
    assert yen["v"] == pytest.approx(150 * dollars["v"], rel=1e-4)


def test_amounts_that_never_vary_have_no_fit():
    assert gamma_gamma.fit(Amounts(np.full(50, 3.0), np.full(50, 20.0), np.ones(50))).parameters is None
