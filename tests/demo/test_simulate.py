"""Companies of odd sizes, what a caller is told, and what the truth folder holds."""

import json
import subprocess
import sys
import warnings

import pandas as pd
import pytest
from click.testing import CliRunner

from pipeline.cli import touchledger
from pipeline.demo import SCENARIOS, simulate


@pytest.mark.parametrize(
    "options",
    [
        {"accounts": 1, "days": 30},
        {"accounts": 2, "days": 40, "nights": 0},
        {"accounts": 6, "days": 31, "nights": 30},
        {"accounts": 12, "days": 90, "scenario": "few_conversions,dark_touches,regime_change", "truth_worlds": 0},
    ],
)
def test_small_companies_of_any_size_are_written(tmp_path, options):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.filterwarnings("ignore", "The 'generic' unit", DeprecationWarning)  # pandas' own, under a newer NumPy
        summary = simulate(tmp_path / "landing", workers=1, **options)
    assert len(summary.nights) == options.get("nights", 3) + 1
    assert (tmp_path / "truth" / "world.json").exists()
    assert summary.rows["finance/exchange_rates"] == 4 * (options["days"] + 31)


def test_progress_is_told_to_its_end(tmp_path):
    class Progress:
        def __init__(self):
            self.phases, self.done = [], {}

        def phase(self, text):
            self.phases.append(text)

        def advance(self, done, total=None, unit=""):
            self.done[self.phases[-1]] = (done, total)

    progress = Progress()
    simulate(tmp_path / "landing", accounts=5, days=60, progress=progress, workers=1)
    assert len(progress.phases) >= 3
    assert all(done == total for done, total in progress.done.values())


def test_truth_of_few_channels_has_shapley_values_that_add_up(tmp_path):
    simulate(tmp_path / "landing", accounts=40, days=200, scenario="few_channels", truth_worlds=1, workers=1)
    shapley = pd.read_csv(tmp_path / "truth" / "shapley.csv")
    effects = pd.read_csv(tmp_path / "truth" / "effects.csv").set_index(["channel", "outcome"])
    for outcome, rows in shapley.groupby("outcome"):
        total = effects.loc[("all_channels", outcome), "expected_total"]
        # Coalitions keep the experiments' holdouts: the same accounts, the same chances.
        assert rows.value.sum() + rows.without_any.iloc[0] == pytest.approx(total)


def test_the_world_file_says_what_was_true(clean):
    world = json.loads((clean.truth / "world.json").read_text())
    assert world["scenario"] == "default"
    assert len(world["world"]["channels"]) == 17
    assert set(world["outcomes"]) == {"mql", "sal", "sql", "opportunity", "won", "revenue"}


def test_true_rates_follow_from_their_counts(clean):
    rates = pd.read_csv(clean.truth / "rates.csv").set_index("name")
    stages = clean.record("stage_entries").stage.value_counts()
    assert rates.numerator["sal_per_mql"] == stages["sal"]
    assert rates.denominator["sal_per_mql"] == stages["mql"]
    fast, slow = rates.value["sql_per_sal_answered_within_4_hours"], rates.value["sql_per_sal_answered_later_or_never"]
    assert fast > slow, "a late answer costs qualification"


def test_recorded_share_is_what_dark_touches_say(tmp_path):
    simulate(tmp_path / "landing", accounts=60, days=300, scenario="dark_touches", truth_worlds=0, workers=1)
    touches = pd.concat(map(pd.read_parquet, (tmp_path / "truth" / "touches").glob("*.parquet")))
    seen = touches[touches.is_cause].groupby("channel").is_recorded.mean()
    assert 0.2 < seen["referral"] < 0.4
    assert 0.7 < seen["organic_search"] < 0.8


def test_every_scenario_is_listed_with_what_it_does():
    assert {"default", "confounded_targeting", "placebo_channel", "regime_change"} <= set(SCENARIOS)


def test_the_room_imports_nothing_else_of_pipeline():
    """Beyond what the package itself reads before anything else."""
    code = (
        "import sys, pipeline; before = set(sys.modules); import pipeline.demo; "
        "print(*[m for m in set(sys.modules) - before if m.startswith('pipeline')])"
    )
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert "pipeline.demo" in loaded
    assert all(name == "pipeline.demo" or name.startswith("pipeline.demo.") for name in loaded)


def test_two_companies_beside_each_other_keep_their_truths(tmp_path):
    for name in ("a", "b"):
        where = ["--out", str(tmp_path / name), "--truth", str(tmp_path / f"truth_of_{name}")]
        small = ["--accounts", "3", "--days", "30", "--truth-worlds", "0"]
        done = CliRunner().invoke(touchledger, ["demo", *small, *where])
        assert done.exit_code == 0, done.output
    assert {path.name for path in tmp_path.iterdir()} == {"a", "b", "truth_of_a", "truth_of_b"}
    assert (tmp_path / "truth_of_a" / "world.json").exists()
