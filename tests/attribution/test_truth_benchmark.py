"""The benchmark against known truths: the truth is what would be lost, and a run goes on where it was stopped."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from benchmarks import attribution_company, attribution_truth
from benchmarks.attribution_truth import COLUMNS, PACKAGES, experiments_on, most_telling, still_to_measure


def test_a_company_truth_is_what_lives_lose(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(attribution_company, "TRUTH_BLOCKS", 1)
    truth = attribution_company.company_truth("placebo_channel", seed=1)
    journeys, accounts = attribution_company.company_files("placebo_channel", 1, 2048)
    converted = journeys[journeys.converted].account_id.nunique() / len(accounts)
    assert converted == pytest.approx(truth.total, abs=3 * (truth.total * (1 - truth.total) / 2048) ** 0.5)
    # It does nothing, but for the little that display does to those who follow it.
    assert 0 <= truth.lost["paid_social"] < 0.001
    # Each of the others brings something, all together less than there is: the rest needs no marketing.
    others = truth.lost.drop("paid_social")
    assert len(others) > 10
    assert (others > 0).all()
    assert 0.1 < others.sum() < truth.total


def test_a_company_truth_is_of_its_own_events(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(attribution_company, "TRUTH_BLOCKS", 1)
    one, three = (attribution_company.company_truth("independent_exposure", seed) for seed in (1, 3))
    fairs = [len(attribution_company.company_of("default", seed, 1).event_days["trade_show"]) for seed in (1, 3)]
    assert fairs == [4, 5]
    assert three.lost["trade_show"] > 1.02 * one.lost["trade_show"]
    assert three.lost["organic_search"] == pytest.approx(one.lost["organic_search"], rel=0.01)


@pytest.mark.parametrize("baseline", [None, np.nan])
def test_experiments_are_run_where_they_tell_most(baseline: float | None):
    channels = pd.DataFrame(
        [(0.1, 0.09, 0.11), (0.6, 0.3, 0.9), (0.2, 0.19, 0.21), (0.05, 0.0, 0.2), (0.05, 0.05, 0.05)],
        ["sure", baseline, "large", "unsure", "small"], ["credit_share", "interval_low", "interval_high"],
    )  # fmt: skip
    assert most_telling(channels.assign(conversions=1000 * channels.credit_share), 2) == ["unsure", "large"]


def test_experiments_find_what_is_true_within_their_error():
    lost = pd.Series({"a": 400.0, "b": 0.0, "c": 90.0})
    accounts = pd.DataFrame(
        {"observed_from": ["2025-01-01", "2025-01-03"], "observed_until": ["2025-06-01", "2025-12-31"]}
    )
    drawn = [experiments_on(["a", "b"], lost, accounts, seed).set_index("channel") for seed in range(200)]
    found = np.array([one.increment for one in drawn])
    assert found.mean(axis=0) == pytest.approx([400, 0], abs=10)
    assert found.std(axis=0) == pytest.approx([40, 1], rel=0.2)
    assert drawn[0].loc["a", ["standard_error"]].tolist() == [40]
    assert (str(drawn[0].starts_on["a"]), str(drawn[0].ends_on["a"])) == ("2025-01-01", "2025-12-31")


@pytest.mark.parametrize(
    ("there", "experiments", "missing"),
    [
        (set(), 0, ["linear", "hazard", PACKAGES]),
        ({"hazard"}, 0, ["linear", PACKAGES]),
        ({"hazard", "linear", "MAM markov", "MAM shapley", "ChannelAttribution markov"}, 3, ["hazard"]),
    ],
)
def test_what_was_measured_is_not_measured_again(there: set[str], experiments: int, missing: list[str]):
    assert still_to_measure(["linear", "hazard", PACKAGES], there, experiments) == missing


def test_a_run_goes_on_where_it_was_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys):
    asked = []

    def measure(scenario: str, seed: int, size: int, cache: Path, models: list[str], experiments: int):
        asked.append((scenario, seed))
        if len(asked) == 2:
            raise KeyboardInterrupt
        return dict.fromkeys(models, 0.25 * seed)

    monkeypatch.setattr(attribution_truth, "measure", measure)
    out = tmp_path / "measured.csv"
    monkeypatch.setattr(
        sys, "argv", ["-", "--models", "linear", "--scenarios", "additive", "--seeds", "3", "--out", str(out)]
    )
    with pytest.raises(KeyboardInterrupt):
        attribution_truth.main()
    attribution_truth.main()
    assert asked == [("additive", 1), ("additive", 2), ("additive", 2), ("additive", 3)]
    rows = pd.read_csv(out)
    assert list(rows.columns) == COLUMNS
    assert rows.distance.tolist() == [0.25, 0.5, 0.75]
    assert "| additive | 0.500 ± 0.204 |" in capsys.readouterr().out
