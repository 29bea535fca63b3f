"""The hazard model on worlds whose effects are known: what it recovers, and what it must not be fooled by."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from benchmarks.attribution_worlds import Design, World, simulate
from pipeline.attribution import FileReport
from pipeline.attribution.models import hazard
from tests.attribution.hazard_worlds import FEW, PLAIN, attribute, channels_of, distance, shares


@pytest.fixture(scope="module")
def plain() -> World:
    return simulate(PLAIN, 3)


@dataclass(frozen=True)
class Attributed:
    """What `attribute` says of a world: its report, shares by model and channel, credits."""

    report: FileReport
    channels: pd.DataFrame
    credits: pd.DataFrame

    @property
    def credited(self) -> float:
        """The share of all channels."""
        return self.channels.loc["hazard", "credit_share"].drop(index=np.nan).sum()


def attributed(world: World, folder: Path) -> Attributed:
    report = attribute(world, folder)
    return Attributed(report, channels_of(folder), pd.read_csv(folder / "credits.csv"))


@pytest.fixture(scope="module")
def as_it_is(plain: World, tmp_path_factory: pytest.TempPathFactory) -> Attributed:
    """The plain world, for tests that look at it or hold it against another."""
    return attributed(plain, tmp_path_factory.mktemp("plain"))


def test_shares_come_near_the_truth_and_a_placebo_near_nothing(plain: World, tmp_path: Path):
    found = shares(plain, tmp_path, overrides=("hazard.replicates=40",))
    assert distance(found, "hazard", plain.truth) < 0.1
    (placebo,) = plain.placebos
    assert found.loc[("hazard", placebo), "credit_share"] < 0.05
    for channel, truth in plain.truth.items():
        if truth > 0.1:
            row = found.loc[("hazard", channel)]
            assert 0 < row.interval_low < row.credit_share < row.interval_high


def test_credits_of_conversions_are_touches_and_a_baseline_that_add_up(as_it_is: Attributed):
    found, credits = as_it_is.channels, as_it_is.credits
    assert credits.groupby("journey_id").credit_share.sum().to_numpy() == pytest.approx(1.0, abs=1e-9)
    baseline = credits[credits.channel.isna()]
    assert len(baseline) > 500
    # The fit's shares and the ledger's are sums over the same conversions of the same quantity.
    kept = credits[credits.channel.notna()].groupby("channel").credit_share.sum() / credits.journey_id.nunique()
    assert kept.to_dict() == pytest.approx(
        found.loc["hazard"].credit_share.dropna().reindex(kept.index).to_dict(), abs=1e-3
    )


@pytest.mark.parametrize(("name", "role"), [("Direct", "direct"), ("sales_meeting", "sales_meetings")])
def test_signs_of_where_an_account_stands_earn_nothing_unless_they_are_called_a_channel(
    plain: World, tmp_path: Path, name: str, role: str
):
    largest = plain.truth.idxmax()
    world = replace(plain, journeys=plain.journeys.assign(channel=plain.journeys.channel.replace(largest, name)))
    assert shares(world, tmp_path).loc[("hazard", name), "credit_share"] == 0
    called = shares(world, tmp_path, overrides=(*FEW, f"hazard.{role}=channel"))
    assert called.loc[("hazard", name), "credit_share"] > 0.15


def test_unrecorded_quality_that_targeting_follows_costs_half_of_what_it_costs_the_rules(tmp_path: Path):
    world = simulate(Design(accounts=5000, conversions=1800, channels=8, targeting=1.2), 5)
    found = shares(world, tmp_path, models="hazard,linear,last_touch")
    ours = distance(found, "hazard", world.truth)
    assert ours < 0.6 * min(distance(found, "linear", world.truth), distance(found, "last_touch", world.truth))


def test_credit_is_what_would_be_lost_and_not_what_would_have_come_later_anyway(tmp_path: Path):
    world = simulate(Design(accounts=2000, channels=3, conversions=1600, baseline=0.3, half_lives=(8, 30)), 1)
    credited = {}
    for whose in ("baseline", "channel"):
        found = shares(world, tmp_path, overrides=(*FEW, f"hazard.later_anyway={whose}"))
        credited[whose] = found.loc["hazard", "conversions"].reindex(world.lost.index).sum() / world.lost.sum()
    assert 0.7 < credited["baseline"] < 1.2, "four accounts in five convert, and most would have without a channel"
    assert credited["channel"] > 1.4


def test_the_data_ends_with_its_last_conversion_and_not_where_one_account_is_said_to(
    plain: World, as_it_is: Attributed, tmp_path: Path
):
    without = ~plain.accounts.account_id.isin(plain.journeys[plain.journeys.converted].account_id)
    endless = plain.accounts.copy()
    endless.loc[endless.index[without][0], "observed_until"] = pd.Timestamp("2099-12-31")
    found = attributed(replace(plain, accounts=endless), tmp_path)
    assert found.credited == pytest.approx(as_it_is.credited, rel=0.1)


def test_who_was_never_touched_tells_the_baseline(plain: World, as_it_is: Attributed, tmp_path: Path):
    untouched = [f"quiet {number}" for number in range(3000)]
    quiet = plain.accounts.iloc[:3000].assign(account_id=untouched, observed_until=pd.Timestamp("2025-10-01"))
    none = {"touch_id": None, "touched_at": pd.NaT, "channel": None, "converted": True}
    bought = pd.DataFrame(
        [{"journey_id": one, "account_id": one, "converted_at": pd.Timestamp("2025-06-01"), **none}
         for one in untouched[:1500]]
    )  # fmt: skip
    many = World(
        pd.concat([plain.journeys, bought]), pd.concat([plain.accounts, quiet]), plain.lost, plain.half_life_days,
        plain.placebos,
    )  # fmt: skip
    ledger = {}
    for name, found in (("as it was", as_it_is), ("they buy anyway", attributed(many, tmp_path))):
        touched = found.credits[found.credits.journey_id.str.startswith("account")]
        ledger[name] = touched[touched.channel.isna()].credit_share.sum() / touched.journey_id.nunique()
    assert ledger["they buy anyway"] > 1.05 * ledger["as it was"]


def aimed_at_a_segment(seed: int = 2, accounts: int = 2500, days: int = 200) -> World:
    """Hot accounts convert six times as soon and get most of `aimed`, which does nothing; `honest` is for everybody."""
    random = np.random.default_rng(seed)
    is_hot = random.random(accounts) < 0.3
    touched = {
        "aimed": random.random((accounts, days)) < np.where(is_hot, 0.04, 0.006)[:, None],
        "honest": random.random((accounts, days)) < 0.01,
    }
    left = np.zeros(accounts)
    chance = np.zeros((accounts, days))
    for day in range(days):
        left = left * 0.9 + touched["honest"][:, day]
        chance[:, day] = 0.0006 * np.where(is_hot, 6, 1) + 0.01 * left
    converts = random.random((accounts, days)) < chance
    end = np.where(converts.any(axis=1), converts.argmax(axis=1), days - 1)
    names = np.array([f"account {number}" for number in range(accounts)])
    start, rows = pd.Timestamp("2025-01-01"), []
    for channel, at in touched.items():
        account, day = np.nonzero(at & (np.arange(days) <= end[:, None]))
        rows.append(pd.DataFrame({"account": account, "channel": channel, "day": day}))
    found = pd.concat(rows, ignore_index=True)
    ended = start + pd.to_timedelta(end + 0.5, "D")
    journeys = pd.DataFrame(
        {
            "journey_id": names[found.account], "account_id": names[found.account], "channel": found.channel,
            "touch_id": found.index.astype(str), "touched_at": start + pd.to_timedelta(found.day, "D"),
            "converted": converts.any(axis=1)[found.account],
            "converted_at": pd.Series(ended[found.account]).where(converts.any(axis=1)[found.account]),
        }
    )  # fmt: skip
    at_risk = pd.DataFrame(
        {
            "account_id": names,
            "observed_from": start,
            "observed_until": ended,
            "segment": np.where(is_hot, "hot", "cold"),
        }
    )
    truth = pd.Series({"aimed": 0.0, "honest": 1.0})
    return World(journeys, at_risk, truth, truth, ["aimed"])


def test_what_is_recorded_of_accounts_tells_targeting_from_effect(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    world = aimed_at_a_segment()
    unrecorded = replace(world, accounts=world.accounts.drop(columns="segment"))
    read_off_touches = shares(unrecorded, tmp_path).credit_share["hazard"]
    monkeypatch.setattr(hazard, "READ_FROM", len(world.accounts))
    told = shares(world, tmp_path).credit_share["hazard"]
    untold = shares(unrecorded, tmp_path).credit_share["hazard"]
    assert untold["aimed"] > 0.1
    assert told["aimed"] < untold["aimed"] / 2
    assert told["honest"] > 2 * told["aimed"]
    # Where touches are enough to tell who is sought out, it need not be recorded.
    assert read_off_touches["aimed"] < untold["aimed"] / 2


def test_no_order_of_rows_shows_in_a_fit(tmp_path: Path):
    world = simulate(Design(accounts=700, conversions=300, channels=4), 6)
    odd = np.random.default_rng(1).random((2, len(world.accounts)))
    accounts = world.accounts.assign(
        observed_from=world.accounts.observed_from - pd.to_timedelta(odd[0], "D").round("us"),
        observed_until=world.accounts.observed_until + pd.to_timedelta(odd[1], "D").round("us"),
    )
    found = []
    for seed in range(2):
        journeys, at_risk = (
            one.sample(frac=1, random_state=seed).reset_index(drop=True) for one in (world.journeys, accounts)
        )
        one = World(journeys, at_risk, world.lost, world.half_life_days, world.placebos)
        found.append(shares(one, tmp_path).loc["hazard"].credit_share.sort_index())
    assert found[0].gt(0.01).sum() >= 2
    for other in found[1:]:
        assert other.to_dict() == found[0].to_dict()


def test_where_every_conversion_happens_in_a_visit_those_never_touched_before_still_tell_the_baseline(
    plain: World, as_it_is: Attributed, tmp_path: Path
):
    converted = plain.journeys[plain.journeys.converted].drop_duplicates("journey_id")
    bought = [f"quiet {number}" for number in range(300)]
    ends = pd.DataFrame({"journey_id": bought, "account_id": bought, "converted_at": pd.Timestamp("2025-06-01 12:00")})
    ends = pd.concat([converted[["journey_id", "account_id", "converted_at"]], ends])
    forms = ends.assign(
        touch_id="form " + ends.journey_id, channel="form", converted=True,
        touched_at=ends.converted_at - pd.Timedelta(minutes=5),
    )  # fmt: skip
    quiet = pd.DataFrame(
        {"account_id": [f"quiet {number}" for number in range(3000)], "industry": "retail",
         "observed_from": pd.Timestamp("2025-01-01"), "observed_until": pd.Timestamp("2025-10-01")}
    )  # fmt: skip
    world = replace(plain, journeys=pd.concat([plain.journeys, forms]), accounts=pd.concat([plain.accounts, quiet]))
    report = attribute(world, tmp_path)
    assert not [note for note in report.notes if "only accounts that had one are compared" in note]
    found = channels_of(tmp_path)
    assert distance(found, "hazard", plain.truth) < 0.1
    assert "only accounts that had one are compared" in " ".join(as_it_is.report.notes)


def test_without_accounts_the_journeys_are_the_risk_set(plain: World, tmp_path: Path):
    found = shares(plain, tmp_path, has_accounts=False)
    assert found.loc["hazard"].credit_share.sum() == pytest.approx(1.0, abs=1e-6)
