"""Experiments correct credit: factors worked out by hand, and credit that stays whole."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from benchmarks.attribution_worlds import Design, World, simulate
from pipeline.attribution import attribute_file
from pipeline.attribution.experiments import Experiment, factors_of
from pipeline.errors import UsageError

COLUMNS = ["channel", "starts_on", "ends_on", "measured_until", "increment", "standard_error"]


def test_a_precise_experiment_is_believed_and_a_vague_one_is_not():
    precise, _ = factors_of([Experiment("display", 10, 0.1, 100)])
    vague, common = factors_of([Experiment("display", 10, 1000, 100)])
    assert precise["display"] == pytest.approx(0.1, abs=0.01)
    assert vague["display"] == pytest.approx(1, abs=0.01)
    assert common == pytest.approx(1, abs=0.01)


def test_what_experiments_agree_on_reaches_channels_nobody_tested():
    # Three ratios of a half, each known to a tenth: variance 0.01 + 0.04, prior variance 0.25.
    factors, common = factors_of([Experiment(name, 50, 10, 100) for name in ("a", "b", "c")])
    assert common == pytest.approx((1 / 0.25 + 3 * 0.5 / 0.05) / (1 / 0.25 + 3 / 0.05))
    assert factors["a"] == pytest.approx((0.5 / 0.01 + common / 0.04) / (1 / 0.01 + 1 / 0.04))


def test_without_experiments_nothing_is_corrected():
    assert factors_of([]) == ({}, 1.0)
    assert factors_of([Experiment("display", 10, 1, 0)]) == ({}, 1.0)


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
