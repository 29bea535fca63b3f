"""What is read off touches of what nobody recorded: it is what was simulated, and only the past is read."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

from pipeline.attribution.touch_process import Histories, TouchProcess, read
from pipeline.attribution.touch_process_fit import fit_touch_process, loadings

ACCOUNTS, DAYS = 800, 100
RATES = np.array([0.02, 0.03, 0.03, 0.04])
LIFT = np.array([8.0, 6.0, 1.0, 1.0])
LOADING = np.array([0.0, 0.0, 0.9, 1.2])
NO_SIGN = np.zeros(4, bool)


@pytest.fixture(scope="module")
def lived() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Quality (n), whether in the market (n, days), and touches (n, days, channels) that follow from both."""
    random = np.random.default_rng(4)
    quality = random.normal(size=ACCOUNTS)
    starts = random.integers(-40, 200, ACCOUNTS)[:, None]
    interested = (np.arange(DAYS) >= starts) & (np.arange(DAYS) < starts + 40)
    rates = RATES * np.where(interested[:, :, None], LIFT, 1) * np.exp(np.outer(quality, LOADING))[:, None]
    return quality, interested, random.poisson(rates)


@pytest.fixture(scope="module")
def process(lived) -> TouchProcess:
    """Learnt from the first accounts, to be asked about all."""
    return fit_touch_process(histories_of(lived[2][:300]), NO_SIGN)


def told_of(process: TouchProcess, *moments) -> np.ndarray:
    """What is to be expected of moments: the chance of every chain to be on, u, the chance of being unreached."""
    return read(process, *moments) @ process.features


def spread_of(process: TouchProcess, *moments) -> np.ndarray:
    """The variance of u at moments."""
    u = process.features[:, -2]
    chances = read(process, *moments)
    return chances @ u**2 - (chances @ u) ** 2


def histories_of(touches: np.ndarray, lasts: np.ndarray | None = None) -> Histories:
    account, day, channel = (np.repeat(one, touches[touches > 0]) for one in np.nonzero(touches))
    lasts = np.full(len(touches), DAYS) if lasts is None else lasts
    return Histories.cut(lasts, account, day, channel, touches.shape[2])


def test_a_spell_of_interest_and_a_lasting_quality_are_told_apart_by_the_touches_they_bring(lived):
    quality, interested, touches = lived
    histories = histories_of(touches)
    process = fit_touch_process(histories, NO_SIGN)
    everybody, none = np.arange(ACCOUNTS), sparse.csr_array((ACCOUNTS, len(RATES)))
    told = told_of(process, histories, everybody, np.full(ACCOUNTS, 90.0), none)
    assert abs(np.corrcoef(told[:, -2], quality)[0, 1]) > 0.75
    now = interested[:, 90].astype(float)
    assert 0.03 < now.mean() < 0.5
    states = told[:, :-2] - told[:, :-2].mean(axis=0)
    explained = states @ np.linalg.lstsq(states, now - now.mean(), rcond=None)[0]
    assert np.corrcoef(explained, now)[0, 1] > 0.55
    # Where nothing was seen yet, nothing is known: quality is the usual one, as uncertain as ever.
    unseen = told_of(process, histories, everybody, np.zeros(ACCOUNTS), none)
    assert unseen[:, -2] == pytest.approx(0.0, abs=1e-9)
    known, unknown = (spread_of(process, histories, everybody, np.full(ACCOUNTS, day), none) for day in (90.0, 0.0))
    assert known.mean() < 0.7 * unknown.mean()


def test_accounts_on_a_mailing_list_are_told_to_be_in_the_market_as_others_are():
    """Two causes come and go on their own: a list that mails from some day on, and a spell of interest."""
    random, everybody = np.random.default_rng(3), np.arange(ACCOUNTS)
    starts, joins = random.integers(-40, 300, ACCOUNTS)[:, None], random.integers(0, 150, ACCOUNTS)[:, None]
    interested = (np.arange(DAYS) >= starts) & (np.arange(DAYS) < starts + 40)
    mailed = np.arange(DAYS) >= joins
    rates = np.stack([np.where(interested, 0.2, 0.03), np.where(interested, 0.15, 0.03), 0.1 * mailed], axis=2)
    histories = histories_of(random.poisson(rates))
    process = fit_touch_process(histories, np.zeros(3, bool))
    assert process.chains == 2
    told = told_of(process, histories, everybody, np.full(ACCOUNTS, 90.0), sparse.csr_array((ACCOUNTS, 3)))
    now, on_list = interested[:, 90], mailed[:, 90]
    assert (now & on_list).sum() > 20
    chain = int(np.argmax([np.corrcoef(told[:, place], now)[0, 1] for place in (0, 1)]))
    for of in (on_list, ~on_list):
        assert told[of & now, chain].mean() > told[of & ~now, chain].mean() + 0.4
        assert told[of, chain].mean() == pytest.approx(now[of].mean(), abs=0.05)


def test_only_what_came_before_a_moment_is_read(lived, process: TouchProcess):
    _, _, touches = lived
    shuffled = touches.copy()
    shuffled[:, 50:] = np.random.default_rng(1).permutation(touches[:, 50:])
    assert (shuffled != touches).any()
    accounts, moment = np.arange(ACCOUNTS), np.full(ACCOUNTS, 50.0)
    none = sparse.csr_array((ACCOUNTS, len(RATES)))
    seen, other = (told_of(process, histories_of(one), accounts, moment, none) for one in (touches, shuffled))
    assert seen == pytest.approx(other, abs=1e-12)
    assert seen[:, -2].std() > 0.3


def test_touches_of_the_step_a_moment_lies_in_count_once_they_have_come(lived, process: TouchProcess):
    _, _, touches = lived
    accounts = np.arange(ACCOUNTS)
    today = sparse.csr_array(touches[:, 50].astype(float))
    end_of_day = told_of(process, histories_of(touches), accounts, np.full(ACCOUNTS, 51.0 - 1e-9), today)
    after = told_of(process, histories_of(touches), accounts, np.full(ACCOUNTS, 51.0), 0 * today)
    # Between the two lies a change of state at most.
    assert end_of_day[:, -2] == pytest.approx(after[:, -2], abs=1e-6)


def test_accounts_that_were_seen_for_less_long_are_read_alike(lived, process: TouchProcess):
    _, _, touches = lived
    moment, none = np.full(100, 30.5), sparse.csr_array((100, len(RATES)))
    whole = told_of(process, histories_of(touches), np.arange(100), moment, none)
    lasts = np.where(np.arange(ACCOUNTS) < 400, DAYS, 31)
    shorter = told_of(process, histories_of(touches, lasts), np.arange(100), moment, none)
    assert whole == pytest.approx(shorter, abs=1e-12)
    at_end = told_of(process, histories_of(touches, lasts), np.arange(700, 800), moment, none)
    assert np.isfinite(at_end).all()


def test_channels_that_rise_together_give_the_loadings_to_begin_with():
    random = np.random.default_rng(2)
    loading = np.array([0.0, 0.5, 1.0, 1.5])
    expected = np.full((20_000, 4), 2.0)
    lift = np.exp(np.outer(random.normal(size=20_000), loading) - loading**2 / 2)
    assert loadings(random.poisson(expected * lift).astype(float), expected) == pytest.approx(loading, abs=0.2)
    apart = loadings(random.poisson(expected).astype(float), expected)
    assert np.abs(apart).max() < 0.3


def test_accounts_that_no_channel_reaches_are_told_from_silent_ones_and_read_as_nothing_known(lived):
    _, interested, touches = lived
    visits = np.random.default_rng(7).poisson(np.where(interested, 0.15, 0.01))[:, :, None]
    seen = np.concatenate([touches, visits], axis=2)
    unreached = np.arange(ACCOUNTS) % 10 < 3
    seen[unreached, :, :4] = 0
    is_sign = np.array([False, False, False, False, True])
    histories = histories_of(seen)
    process = fit_touch_process(histories, is_sign)
    assert process.chances[-1] == pytest.approx(0.3, abs=0.05)
    silent = unreached & (visits[:, :50, 0].sum(axis=1) == 0)
    assert silent.sum() > 50
    none = sparse.csr_array((ACCOUNTS, 5))
    told = told_of(process, histories, np.arange(ACCOUNTS), np.full(ACCOUNTS, 50.0), none)
    # Of those who are merely seldom reached silence would say that they are poor accounts; of these it says little.
    assert np.abs(told[silent, -2]).max() < 0.25
    assert np.abs(told[~unreached, -2]).mean() > 0.4
    # Their visits still show who is in the market.
    visiting = visits[:, 45:50, 0].sum(axis=1) > 1
    assert (visiting & unreached).sum() > 5
    states = told[:, :-2] - told[silent, :-2].mean(axis=0)
    assert np.abs(states[visiting & unreached]).max(axis=1).mean() > 0.3
