"""Experiments correct credit: factors worked out by hand, and credit that stays whole."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from benchmarks.attribution_worlds import Design, World, simulate
from pipeline.attribution import attribute_file
from pipeline.attribution.experiments import Experiment, Factor, factors_of
from pipeline.errors import UsageError

COLUMNS = ["channel", "starts_on", "ends_on", "measured_until", "increment", "standard_error"]


def test_a_precise_experiment_is_believed_and_a_vague_one_is_not():
    precise = factors_of([Experiment("display", 10, 0.1, 100)]).of("display")
    vague = factors_of([Experiment("display", 10, 1000, 100)])
    assert precise.value == pytest.approx(0.1, abs=0.01)
    assert precise.high - precise.low < 0.01
    assert vague.of("display").value == pytest.approx(1, abs=0.01)
    assert vague.common.value == pytest.approx(1, abs=0.01)


def test_what_experiments_agree_on_reaches_channels_nobody_tested():
    # Three ratios of a half, each known to a tenth: variance 0.01 + 0.04, prior variance 0.25.
    found = factors_of([Experiment(name, 50, 10, 100) for name in ("a", "b", "c")])
    common = (1 / 0.25 + 3 * 0.5 / 0.05) / (1 / 0.25 + 3 / 0.05)
    assert found.of("nobody tested").value == pytest.approx(common)
    assert found.of("a").value == pytest.approx((0.5 / 0.01 + common / 0.04) / (1 / 0.01 + 1 / 0.04))
    # What is left of it: a variance of 1 / (100 + 25), 1.6449 standard deviations to either side.
    assert found.of("a").high - found.of("a").low == pytest.approx(2 * 1.6449 / 125**0.5)


def test_a_vague_result_on_a_channel_of_little_credit_moves_nothing():
    # 20 +- 10 where the model credits a twentieth of one: a ratio of 400 +- 200 is worth 1 / 40,000 of the prior's 1.
    found = factors_of([Experiment("search", 20, 10, 0.05), Experiment("email", 8, 1, 10)])
    assert found.of("search").value == pytest.approx(found.common.value, abs=0.02)


def test_without_experiments_nothing_is_corrected():
    assert factors_of([]).of("display") == Factor(1, 1, 1)
    assert factors_of([Experiment("display", 10, 1, 0)]).of("display") == Factor(1, 1, 1)


@pytest.fixture(scope="module")
def world() -> World:
    return simulate(Design(accounts=3000, channels=4, placebos=1, conversions=1200, baseline=0.3), 4)


def credit(world: World, folder: Path, experiments: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    world.journeys.assign(amount=99.99).to_parquet(folder / "journeys.parquet")
    world.accounts.to_parquet(folder / "accounts.parquet")
    experiments.to_csv(folder / "experiments.csv", index=False)
    attribute_file(
        journeys=folder / "journeys.parquet",
        accounts=folder / "accounts.parquet",
        experiments=folder / "experiments.csv",
        models="hazard,linear",
        overrides=["hazard.replicates=2"],
        out=folder / "credits.csv",
    )
    return pd.read_csv(folder / "credits.csv"), pd.read_csv(folder / "credits_channels.csv")


def test_corrected_credit_stands_beside_the_other_and_totals_stay(world: World, tmp_path: Path):
    best = world.truth.idxmax()
    nothing = pd.DataFrame([(best, "2025-01-01", "2025-12-31", "2025-12-31", 0.0, 0.5)], columns=COLUMNS)
    credits, channels = credit(world, tmp_path, nothing)
    assert set(credits.model_name) == {"hazard", "hazard_calibrated", "linear"}
    whole = credits.groupby(["model_name", "journey_id"])[["credit_share", "credited_amount"]].sum()
    assert len(whole) > 1000
    assert whole.credit_share.to_numpy() == pytest.approx(1.0, abs=1e-9)
    assert whole.credited_amount.to_numpy() == pytest.approx(99.99, abs=1e-9)
    shares = channels.set_index(["model_name", "channel"]).credit_share
    assert shares["hazard", best] > 0.1
    assert shares["hazard_calibrated", best] < 0.02
    before, after = (credits[(credits.model_name == name) & credits.channel.isna()].credit_share.sum()
                     for name in ("hazard", "hazard_calibrated"))  # fmt: skip
    assert after > before


def test_an_experiment_without_a_standard_error_stops_with_its_line(world: World, tmp_path: Path):
    wrong = pd.DataFrame([("a", "2025-01-01", "2025-02-01", None, 3.0, 0.0)], columns=COLUMNS)
    with pytest.raises(UsageError, match=r"experiments\.csv line 2: standard_error is not above 0"):
        credit(world, tmp_path, wrong)
