"""What an analyst is told when learnt models meet files that lack something."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from pipeline.attribution import attribute_file
from pipeline.attribution.journey_files import FileReport
from pipeline.errors import UsageError

START = pd.Timestamp("2026-01-01")
FEW = ("replicates=5", "min_conversions=5", "min_non_conversions=5")


def journeys(*, longer_lost: bool = False) -> pd.DataFrame:
    """Forty accounts: half touched by a alone and converted, half by b, or by both and for longer, and lost."""
    rows = []
    for number in range(40):
        converted = number % 2 == 0
        channels = ("a", "b", "c") if longer_lost and not converted else ("a" if converted or longer_lost else "b",)
        rows += [
            {"journey_id": f"j{number}", "account_id": f"account {number}", "channel": channel,
             "touched_at": START + pd.Timedelta(days=number % 7 + place), "converted": converted,
             "converted_at": START + pd.Timedelta(days=20 + number % 11) if converted else None}
            for place, channel in enumerate(channels)
        ]  # fmt: skip
    return pd.DataFrame(rows)


def accounts(count: int = 60) -> pd.DataFrame:
    return pd.DataFrame(
        {"account_id": [f"account {number}" for number in range(count)], "observed_from": START,
         "observed_until": START + pd.Timedelta(days=60)}
    )  # fmt: skip


def attribute(
    folder: Path, models: str, rows: pd.DataFrame, risk_set: pd.DataFrame | None = None
) -> tuple[FileReport, pd.DataFrame]:
    rows.to_csv(folder / "journeys.csv", index=False)
    if risk_set is not None:
        risk_set.to_csv(folder / "accounts.csv", index=False)
    report = attribute_file(
        journeys=folder / "journeys.csv", accounts=folder / "accounts.csv" if risk_set is not None else None,
        models=models, overrides=[f"{model}.{one}" for model in models.split(",") for one in FEW],
        out=folder / "out.csv",
    )  # fmt: skip
    return report, pd.read_csv(folder / "out_channels.csv")


def test_without_accounts_the_hazard_model_says_what_it_was_compared_with(tmp_path: Path):
    report, _ = attribute(tmp_path, "hazard", journeys())
    [note] = [note for note in report.notes if "--accounts" in note]
    assert note.startswith("hazard: no --accounts, so the risk set was made of the journeys")
    report, _ = attribute(tmp_path, "hazard", journeys(), accounts())
    assert not [note for note in report.notes if "--accounts" in note]


def test_without_times_of_conversion_the_hazard_model_says_that_last_touches_look_effective(tmp_path: Path):
    report, _ = attribute(tmp_path, "hazard", journeys().drop(columns="converted_at"), accounts())
    assert [note for note in report.notes if "no converted_at" in note]
    report, _ = attribute(tmp_path, "hazard", journeys(), accounts())
    assert not [note for note in report.notes if "no converted_at" in note]


def test_conversions_of_accounts_that_are_not_at_risk_are_counted(tmp_path: Path):
    report, _ = attribute(tmp_path, "hazard", journeys(), accounts(20))
    assert (
        "hazard: 10 of 20 converted journeys are of accounts not among --accounts and were not learnt from"
        in report.notes
    )


def test_few_conversions_of_many_channels_have_intervals_all_the_same(tmp_path: Path):
    rows = journeys()
    rows["channel"] = [f"channel {number % 9}" for number in range(len(rows))]
    _, found = attribute(tmp_path, "hazard", rows, accounts(12))
    touched = found[found.channel.notna()]
    assert len(touched) == 9
    assert touched[["credit_share", "interval_low", "interval_high"]].apply(lambda one: one.between(0, 1)).all().all()


def test_journeys_that_nothing_ties_to_the_accounts_stop_with_what_is_missing(tmp_path: Path):
    with pytest.raises(UsageError, match="hazard ties journeys to the accounts by account_id, and no converted"):
        attribute(tmp_path, "hazard", journeys().drop(columns="account_id"), accounts())


@pytest.mark.parametrize("model", ["logistic", "shapley"])
def test_journeys_that_were_watched_for_longer_and_lost_are_the_reason_given(tmp_path: Path, model: str):
    # All that converted saw a alone; b and c were seen only where there was more time, and nobody is worth less for it.
    report, found = attribute(tmp_path, model, journeys(longer_lost=True))
    assert [note for note in report.notes if model in note and "observed for longer" in note]
    assert found.loc[found.channel.isin(["b", "c"]), "conversions"].tolist() == [0, 0]
    report, _ = attribute(tmp_path, model, journeys())
    assert not [note for note in report.notes if "observed for longer" in note]


@pytest.mark.parametrize(
    ("what", "sentence"),
    [("journeys", "journeys.csv has no column touched_at"), ("paths", "paths tell no times")],
)
def test_a_model_of_time_stops_where_there_are_no_times(tmp_path: Path, what: str, sentence: str):
    content = {
        "journeys": "journey_id,touch_number,channel,converted\n1,1,a,1\n",
        "paths": "path,total_conversions\na,1\n",
    }
    (tmp_path / f"{what}.csv").write_text(content[what])
    with pytest.raises(UsageError, match=f"hazard weighs touches by time, and {sentence}"):
        attribute_file(**{what: tmp_path / f"{what}.csv"}, models="hazard", out=tmp_path / "out.csv")


def test_equal_rows_count_once_and_the_note_says_how_to_keep_them_apart(tmp_path: Path):
    twice = pd.concat([journeys(), journeys().head(1)])
    report, found = attribute(tmp_path, "markov", twice)
    assert [note for note in report.notes if note.startswith("1 rows equal another") and "touch_id" in note]
    assert found.conversions.sum() == pytest.approx(20)
    report, _ = attribute(tmp_path, "markov", twice.assign(touch_id=range(len(twice))))
    assert report.touches == len(twice)
    assert not [note for note in report.notes if "count once" in note]


def test_the_corrected_model_is_asked_for_by_the_name_of_its_model(tmp_path: Path):
    (tmp_path / "p.csv").write_text("path,total_conversions\na,1\n")
    with pytest.raises(UsageError, match="hazard_calibrated comes of hazard with --experiments"):
        attribute_file(paths=tmp_path / "p.csv", models="hazard_calibrated", out=tmp_path / "out.csv")
