"""Moments that conversions are compared with: who was at risk, and at which hours and days, looks like no effect."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from benchmarks.attribution_worlds import Design, World, simulate
from tests.attribution.hazard_worlds import FEW, PLAIN, distance, shares


def converting_again(once: World, part: float) -> World:
    """The world with a second conversion, 30 hours after the first, of a part of the accounts that converted."""
    of_those = once.journeys[once.journeys.converted]
    names = of_those.account_id.drop_duplicates().sample(frac=part, random_state=1)
    again = of_those[of_those.account_id.isin(names)].assign(
        journey_id=lambda one: one.journey_id + " again",
        touch_id=lambda one: one.touch_id + " again",
        touched_at=lambda one: one.touched_at + pd.Timedelta(hours=5),
        converted_at=lambda one: one.converted_at + pd.Timedelta(hours=30),
    )
    return replace(once, journeys=pd.concat([once.journeys, again]))


def test_where_accounts_convert_more_than_once_none_stands_for_another(tmp_path: Path):
    once = simulate(replace(PLAIN, accounts=800, conversions=300), 3)
    once = replace(once, accounts=once.accounts.assign(observed_until=pd.Timestamp("2025-11-01")))
    twice = converting_again(once, 1.0)
    kept = shares(twice, tmp_path).loc["hazard"].credit_share
    all_of_it = shares(twice, tmp_path, overrides=(*FEW, "hazard.later_anyway=channel")).loc["hazard"].credit_share
    assert kept.drop(index=np.nan).sum() > 0.2
    assert kept.to_dict() == pytest.approx(all_of_it.to_dict(), nan_ok=True)


def test_a_few_accounts_that_convert_again_hardly_change_the_credit(tmp_path: Path):
    once = simulate(replace(PLAIN, accounts=1500, conversions=750), 3)
    a_few = converting_again(
        replace(once, accounts=once.accounts.assign(observed_until=pd.Timestamp("2025-11-01"))), 0.03
    )
    assert a_few.journeys.journey_id.nunique() - once.journeys.journey_id.nunique() > 15
    credit = [shares(world, tmp_path).loc["hazard"].credit_share for world in (once, a_few)]
    assert 0.05 < credit[0].drop(index=np.nan).sum() < 0.9
    assert credit[1].to_dict() == pytest.approx(credit[0].to_dict(), abs=0.03, nan_ok=True)


def test_a_conversion_within_the_hour_of_a_first_touch_is_not_one_without_a_touch(tmp_path: Path):
    # Rows of touches tell no conversion without one. Where times are exact, a few conversions follow at once on the
    # first touch of all; untouched accounts must not be compared for their sake.
    world = simulate(Design(accounts=3000, conversions=800, channels=4, step_days=0.25, days=120, half_lives=(2, 9)), 4)
    first = world.journeys.groupby("journey_id").touched_at.transform("min")
    at_once = world.journeys.converted & (world.journeys.converted_at - first < pd.Timedelta(hours=1))
    assert world.journeys[at_once].journey_id.nunique() > 3
    found = shares(world, tmp_path)
    without = shares(replace(world, journeys=world.journeys[~at_once]), tmp_path)
    assert found.credit_share.to_dict() == pytest.approx(without.credit_share.to_dict(), abs=0.03)
    assert distance(found, "hazard", world.truth) < 0.1


def newsletters(account: np.ndarray, touched: np.ndarray, ends: np.ndarray, converts: np.ndarray) -> World:
    """Two newsletters that do nothing. Days since 2025 began: of touches, and by account of its conversion or end."""

    def instants(of: np.ndarray) -> pd.Series:
        return pd.Series((pd.Timestamp("2025-01-01") + pd.to_timedelta(of, "D")).round("s"))

    name = np.array([f"account {number}" for number in range(len(ends))])
    journeys = pd.DataFrame(
        {
            "journey_id": name[account],
            "account_id": name[account],
            "touch_id": np.arange(len(account)).astype(str),
            "touched_at": instants(touched),
            "channel": np.random.default_rng(0).choice(["newsletter", "magazine"], len(account)),
            "converted": converts[account],
            "converted_at": instants(ends[account]).where(converts[account]),
        }
    )
    start = pd.Timestamp("2025-01-01")
    accounts = pd.DataFrame({"account_id": name, "observed_from": start, "observed_until": instants(ends)})
    return World(journeys, accounts, pd.Series(dtype=float), pd.Series(dtype=float), [])


def test_where_people_work_in_several_time_zones_hours_look_like_no_effect(tmp_path: Path):
    """A newsletter comes in the morning and orders come in the afternoon, each in its own time zone."""
    random, count, days = np.random.default_rng(8), 3000, 120
    zone = np.where(np.arange(count) % 2, 0.0, 10 / 24)
    last = np.minimum(random.geometric(0.006, count), days) - 1
    converts = last < days - 1
    account, day = np.nonzero(random.random((count, days)) < 0.5)
    account, day = (one[day <= last[account]] for one in (account, day))
    touched = day + zone[account] + random.uniform(8, 10, len(day)) / 24
    ends = np.where(converts, last + random.uniform(15, 17, count) / 24, days) + zone
    found = shares(newsletters(account, touched, ends, converts), tmp_path)
    assert converts.sum() > 1000
    assert found.loc["hazard"].credit_share.drop(index=np.nan).sum() < 0.06


def test_hours_that_point_in_all_directions_have_no_mean_that_chance_decides(tmp_path: Path):
    """Every account is touched at midnight, six, noon and six: half a turn apart, they leave rounding errors alone."""
    random, count = np.random.default_rng(5), 4000
    account, place = (one.ravel() for one in np.indices((count, 8)))
    begins = random.integers(0, 60, count)
    touched = begins[account] + place * 30 / 24
    converts = random.random(count) < 0.4
    ends = begins + np.where(converts, random.integers(11, 40, count), 60) + random.integers(0, 24, count) / 24
    world = newsletters(account, touched, ends, converts)
    once, again = (shares(world, tmp_path).loc["hazard"].credit_share for _ in range(2))
    assert once.round(9).equals(again.round(9))


def test_where_nobody_works_at_weekends_working_days_look_like_no_effect(tmp_path: Path):
    """Newsletters and orders both come from Monday to Friday."""
    random, count, days = np.random.default_rng(8), 3000, 140
    is_at_work = (np.arange(days) + pd.Timestamp("2025-01-01").weekday()) % 7 < 5
    orders = random.random((count, days)) < np.where(is_at_work, 0.0085, 0.0003)
    converts = orders.any(axis=1)
    last = np.where(converts, orders.argmax(axis=1), days)
    account, day = np.nonzero(random.random((count, days)) < np.where(is_at_work, 0.45, 0.03))
    account, day = (one[day <= last[account]] for one in (account, day))
    touched = day + random.uniform(8, 10, len(day)) / 24
    ends = np.where(converts, last + random.uniform(15, 17, count) / 24, days)
    found = shares(newsletters(account, touched, ends, converts), tmp_path)
    assert converts.sum() > 1000
    assert found.loc["hazard"].credit_share.drop(index=np.nan).sum() < 0.03
