"""Experiments correct credit: factors worked out by hand, and credit that stays whole."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from benchmarks.attribution_worlds import Design, World, simulate
from pipeline.attribution import attribute_file
from pipeline.attribution.experiments import Experiment, Factor, calibrated_shares, expected_gain, factors_of
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
    # What is left of it: a variance of 1 / (100 + 25), and a fifth (25 / 125) of how the common one may be off; 1.6449
    # standard deviations to either side.
    variance = 1 / 125 + (1 / 5) ** 2 / (1 / 0.25 + 3 / 0.05)
    assert found.of("a").high - found.of("a").low == pytest.approx(2 * 1.6449 * variance**0.5)


def test_an_experiment_that_tells_nothing_leaves_a_factor_as_unsure_as_no_experiment():
    found = factors_of([Experiment("display", 100, 1e6, 100)])
    assert found.of("display").high == pytest.approx(found.of("nobody tested").high, abs=1e-3)
    assert found.of("display").high > 1.8


def test_the_interval_of_a_corrected_share_holds_both_errors():
    tests = [Experiment("a", 50, 10, 100)]
    factors = factors_of(tests)
    # A fit that is sure: what is left is how unsure the factors are.
    sure = np.tile([0.4, 0.2], (4001, 1))
    found = calibrated_shares(sure, ["a", "b"], tests, 0)
    for place, (channel, share) in enumerate((("a", 0.4), ("b", 0.2))):
        factor = factors.of(channel)
        assert found[0, place] == pytest.approx(share * factor.value)
        low, high = np.quantile(found[1:, place], (0.05, 0.95))
        assert (low, high) == pytest.approx((share * factor.low, share * factor.high), abs=0.01)
    # A fit that is not, and an experiment that all but is: the experiment decides, whatever a replicate says.
    unsure = np.array([[0.4, 0.2], *([share, 0.2] for share in np.linspace(0.3, 0.5, 200))])
    found = calibrated_shares(unsure, ["a", "b"], [Experiment("a", 50, 0.01, 100)], 0)
    assert np.ptp(unsure[1:, 0]) == pytest.approx(0.2)
    assert np.ptp(found[1:, 0]) < 0.002
    assert found[:, 0].mean() == pytest.approx(0.2, abs=0.002)
    # Shares that factors would raise above the whole are the whole.
    [most, *_] = calibrated_shares(np.tile([0.5, 0.3], (2, 1)), ["a", "b"], [Experiment("a", 400, 1, 100)], 0)
    assert most.sum() == pytest.approx(1.0)


def test_a_vague_result_on_a_channel_of_little_credit_moves_nothing():
    # 20 +- 10 where the model credits a twentieth of one: a ratio of 400 +- 200 is worth 1 / 40,000 of the prior's 1.
    found = factors_of([Experiment("search", 20, 10, 0.05), Experiment("email", 8, 1, 10)])
    assert found.of("search").value == pytest.approx(found.common.value, abs=0.02)


def test_a_channel_whose_fit_is_unsure_follows_its_experiment_more():
    # Both ratios are 0.6, each known to a tenth. A fit is taken to be a fifth off at least; that of b is half off.
    tests = [Experiment("a", 60, 10, 100), Experiment("b", 60, 10, 100, relative_error=0.5)]
    found = factors_of(tests)
    common = (1 / 0.25 + 0.6 / 0.05 + 0.6 / 0.26) / (1 / 0.25 + 1 / 0.05 + 1 / 0.26)
    assert found.common.value == pytest.approx(common)
    assert found.of("a").value == pytest.approx((0.6 / 0.01 + common / 0.04) / (1 / 0.01 + 1 / 0.04))
    assert found.of("b").value == pytest.approx((0.6 / 0.01 + common / 0.25) / (1 / 0.01 + 1 / 0.25))
    assert abs(found.of("b").value - 0.6) < abs(found.of("a").value - 0.6)


def test_experiments_that_differ_by_more_than_a_fit_is_unsure_of_are_believed_each():
    # 0.4 and 1.4, each known to a tenth. Where channels vary by a fifth, both keep a fifth (0.04 to 0.01) of the common
    # factor; these differ by more, and are believed more. The same two known to three quarters are no evidence of that.
    def kept(error: float) -> float:
        found = factors_of([Experiment("a", 40, error, 100), Experiment("b", 140, error, 100)])
        return (found.of("a").value - 0.4) / (found.common.value - 0.4)

    assert 0.02 < kept(10) < 0.12
    assert kept(75) == pytest.approx(0.75**2 / (0.75**2 + 0.04), abs=1e-4)
    # Nor are ratios of next to no credit, however far they are from each other: what nobody tested is as sure as ever.
    vague = factors_of([Experiment("a", 20, 10, 0.3), Experiment("b", 18, 15, 0.3), Experiment("c", -3, 15, 4)])
    assert vague.common.value == pytest.approx(1, abs=0.05)
    assert vague.common.high < 1 + 1.6449 * (0.25 + 0.04) ** 0.5 + 0.05
    # Two of one channel are one that is surer, whatever they differ by: they say nothing of how channels differ.
    twice = factors_of([Experiment("a", 40, 10, 100), Experiment("a", 160, 10, 100)])
    once = factors_of([Experiment("a", 100, 50**0.5, 100)])
    assert twice.of("a").value == pytest.approx(once.of("a").value)
    assert twice.common.value == pytest.approx(once.common.value)


def test_what_an_experiment_is_expected_to_tell():
    # A standard error of 90 conversions before; an experiment of a tenth of 400 has 40, both together 36.6.
    assert expected_gain(400, 90) == pytest.approx((2 / np.pi) ** 0.5 * (90 - 90 * 40 / 9700**0.5))
    # A fit is taken to be a fifth off at least, however sure it is.
    assert expected_gain(400, 0) == expected_gain(400, 80) > 0
    # What nothing is credited for, surely, is worth no experiment.
    assert expected_gain(0, 0) == 0


def test_without_experiments_nothing_is_corrected():
    assert factors_of([]).of("display") == Factor(1, 1, 1)
    assert factors_of([Experiment("display", 10, 1, 0)]).of("display") == Factor(1, 1, 1)


@pytest.fixture(scope="module")
def world() -> World:
    return simulate(Design(accounts=3000, channels=4, placebos=1, conversions=1200, baseline=0.3), 4)


def credit(
    world: World, folder: Path, experiments: pd.DataFrame, notes: list[str] | None = None
) -> tuple[pd.DataFrame, pd.DataFrame]:
    world.journeys.assign(amount=99.99).to_parquet(folder / "journeys.parquet")
    world.accounts.to_parquet(folder / "accounts.parquet")
    experiments.to_csv(folder / "experiments.csv", index=False)
    report = attribute_file(
        journeys=folder / "journeys.parquet",
        accounts=folder / "accounts.parquet",
        experiments=folder / "experiments.csv",
        models="hazard,linear",
        overrides=["hazard.replicates=20"],
        out=folder / "credits.csv",
    )
    if notes is not None:
        notes += report.notes
    return pd.read_csv(folder / "credits.csv"), pd.read_csv(folder / "credits_channels.csv")


def test_a_file_is_told_which_channels_to_test_next(world: World, tmp_path: Path):
    def told(*tested: str) -> list[str]:
        rows = [(channel, "2025-01-01", "2025-12-31", "2025-12-31", 100.0, 10.0) for channel in tested]
        notes: list[str] = []
        credit(world, tmp_path, pd.DataFrame(rows, columns=COLUMNS), notes)
        return [note for note in notes if note.startswith("hazard: experiments would tell most of")]

    [at_first] = told()
    named = [one for one in world.truth.index if one in at_first]
    assert len(named) == 3
    assert at_first.count("conversions nearer to the truth") == 1
    first = at_first.split("most of ")[1].split(" (")[0]
    # WHEN that channel is tested THEN it is not named again; WHEN all are THEN nothing is
    [then] = told(first)
    assert first not in then
    assert named[1 - named.index(first)] in then
    assert told(*world.truth.index) == []


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
    intervals = channels[channels.model_name == "hazard_calibrated"].dropna(subset="channel").set_index("channel")
    assert set(intervals.index) == set(world.truth.index)
    assert (intervals.interval_low <= intervals.credit_share).all()
    assert (intervals.credit_share <= intervals.interval_high).all()
    assert intervals.interval_high[best] < 0.05, "an experiment that found nothing is not in the interval"
    assert (intervals.interval_high - intervals.interval_low).max() > 0.02
    before, after = (credits[(credits.model_name == name) & credits.channel.isna()].credit_share.sum()
                     for name in ("hazard", "hazard_calibrated"))  # fmt: skip
    assert after > before


#: Who saw a converts two days later; who saw b is seen for forty days more and does not.
JOURNEYS = "journey_id,touched_at,channel,converted,converted_at\n" + "".join(
    f"j{number},2025-01-{1 + number % 20:02d},a,1,2025-01-{3 + number % 20:02d}\n"
    if number % 2
    else f"j{number},2025-01-{1 + number % 20:02d},b,0,\nj{number},2025-02-{9 + number % 20:02d},b,0,\n"
    for number in range(120)
)
EXPERIMENT = "channel,starts_on,ends_on,measured_until,increment,standard_error\n"


def notes(folder: Path, experiments: str, models: str = "hazard") -> list[str]:
    """What is said of experiments on a few journeys of channels a and b."""
    (folder / "journeys.csv").write_text(JOURNEYS)
    (folder / "experiments.csv").write_text(experiments)
    report = attribute_file(
        journeys=folder / "journeys.csv", experiments=folder / "experiments.csv", models=models,
        overrides=["hazard.replicates=2"] if models == "hazard" else [], out=folder / "credits.csv",
    )  # fmt: skip
    others = ("risk set", "without a touch", "would tell most")
    return [note for note in report.notes if not any(one in note for one in others)]


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("a,2025-01-01,2025-02-01,,3,0", "line 2: standard_error is not above 0"),
        ("a,2025-01-01,2025-02-01,,,1", "line 2: increment is empty"),
        (",2025-01-01,2025-02-01,,3,1", "line 2: channel is empty"),
        ("a,2025-02-01,2025-01-01,,3,1", "line 2: ends_on is before starts_on"),
        ("a,2025-02-01,2025-03-01,2025-01-31,3,1", "line 2: measured_until is before starts_on"),
        ("a,2025-02-01,2025-03-01,,lots,1", "line 2: increment is 'lots', not a number below 10\\^12"),
        ("a,2025-02-01,2025-03-01,,3", "line 2 has 5 fields, its header has 6"),
    ],
)
def test_an_experiment_that_cannot_be_one_stops_with_its_line(tmp_path: Path, row: str, says: str):
    with pytest.raises(UsageError, match=rf"experiments\.csv {says}"):
        notes(tmp_path, EXPERIMENT + row + "\n")


def test_what_an_experiment_does_not_reach_is_said(tmp_path: Path):
    one = "a,2025-01-01,2025-01-31,2025-03-31,10,2\n"
    assert notes(tmp_path, EXPERIMENT + one) == []
    once = (tmp_path / "credits_channels.csv").read_text()
    assert notes(tmp_path, EXPERIMENT + one + one) == [
        "experiments.csv: 1 rows equal another in every column and count once"
    ]
    assert (tmp_path / "credits_channels.csv").read_text() == once
    assert notes(tmp_path, EXPERIMENT + one.replace("a", "zebra", 1)) == [
        "experiments.csv line 2: no touch has the channel 'zebra'",
        "hazard credits zebra nothing in the window of its experiment, which says nothing then",
    ]
    assert notes(tmp_path, EXPERIMENT) == ["experiments.csv has no experiment, so nothing is corrected"]
    assert notes(tmp_path, EXPERIMENT + one, "linear") == [
        "none of the models is corrected by experiments.csv: none keeps a baseline apart"
    ]


def test_too_little_data_is_too_little_for_the_corrected_model_too(tmp_path: Path):
    (tmp_path / "journeys.csv").write_text("\n".join(JOURNEYS.splitlines()[:28]) + "\n")
    (tmp_path / "experiments.csv").write_text(EXPERIMENT + "a,2025-01-01,2025-01-31,2025-03-31,10,2\n")
    report = attribute_file(
        journeys=tmp_path / "journeys.csv", experiments=tmp_path / "experiments.csv", models="hazard",
        out=tmp_path / "credits.csv",
    )  # fmt: skip
    assert "not enough data for hazard: 9 conversions, and min_conversions is 20" in report.notes
    found = pd.read_csv(tmp_path / "credits_channels.csv").set_index(["model_name", "channel"], drop=False)
    for name in ("hazard", "hazard_calibrated"):
        rows = found[found.model_name == name]
        assert rows[rows.channel.isna()].conversions.tolist() == [9.0]
        assert rows[rows.channel.notna()].conversions.tolist() == [0.0, 0.0]
        assert rows.interval_low.isna().all()


def test_a_covariate_may_have_any_name(tmp_path: Path):
    """Names of columns that the engine makes itself, or that SQL knows, are the analyst's all the same."""
    accounts = [f"j{number},2024-12-01,2025-04-01,{number % 7},{number % 3}" for number in range(120)]
    named = JOURNEYS.replace("journey_id,", "journey_id,account_id,").splitlines()
    (tmp_path / "journeys.csv").write_text(
        "\n".join([named[0], *(f"{line.split(',')[0]},{line}" for line in named[1:])]) + "\n"
    )
    found = []
    for names in ("size,region", "group_number,from_day", "select,is_converted", "conversion_type,größe"):
        (tmp_path / "accounts.csv").write_text(
            "\n".join([f"account_id,observed_from,observed_until,{names}", *accounts]) + "\n"
        )
        attribute_file(
            journeys=tmp_path / "journeys.csv", accounts=tmp_path / "accounts.csv", models="hazard",
            overrides=["hazard.replicates=20"], out=tmp_path / "credits.csv",
        )  # fmt: skip
        found.append((tmp_path / "credits_channels.csv").read_text())
    # The index of a frame that was sorted is no covariate.
    frame = pd.read_csv(tmp_path / "accounts.csv").iloc[::-1]
    assert list(frame.index[:2]) == [119, 118]
    frame.to_parquet(tmp_path / "accounts.parquet")
    attribute_file(
        journeys=tmp_path / "journeys.csv", accounts=tmp_path / "accounts.parquet", models="hazard",
        overrides=["hazard.replicates=20"], out=tmp_path / "credits.csv",
    )  # fmt: skip
    found.append((tmp_path / "credits_channels.csv").read_text())
    assert found[0].count("hazard") >= 2
    assert set(found) == {found[0]}
