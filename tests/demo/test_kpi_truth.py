"""The true KPIs are counted right: cells by hand, and figures against the record of the events."""

import numpy as np
import pandas as pd
import pytest

from pipeline.demo.kpis.cells import Cells, date_of, in_periods, sums_of
from pipeline.demo.kpis.cells import figure as table
from pipeline.demo.kpis.survival import medians

UNITS = pd.DataFrame({"owner": ["ann", "ann", "bob", None]})
DATES = pd.Series(pd.to_datetime(["2026-01-31", "2026-02-01", "2026-04-01", "2026-04-30"]))


def cell(rows: pd.DataFrame, grain: str, start: str, segment: str = "overall", value: str = "all") -> pd.Series:
    chosen = (rows.period_grain == grain) & (rows.period_start == start)
    found = rows[chosen & (rows.segment_type == segment) & (rows.segment_value == value)]
    assert len(found) == 1
    return found.iloc[0]


def test_a_ratio_is_counted_in_every_period_and_segment_of_its_unit():
    rows = Cells(UNITS, DATES, {"owner": "owner"}).ratios("rate", [True, False, True, True], [1, 1, 0, 0])
    assert cell(rows, "all_time", "")[["value", "numerator", "denominator", "n"]].tolist() == [1.5, 3, 2, 2]
    assert cell(rows, "quarter", "2026-01-01").value == 0.5
    assert np.isnan(cell(rows, "month", "2026-04-01").value), "nothing to divide by is no 0"
    assert cell(rows, "all_time", "", "owner", "ann").n == 2
    of_units = Cells(UNITS, DATES).ratios("rate", [True, False, True, True], [1, 1, 0, 0], n=1)
    assert cell(of_units, "all_time", "").n == 4
    assert cell(rows, "month", "2026-04-01", "owner", "not_recorded").numerator == 1


def test_a_duration_leaves_out_what_has_not_ended():
    rows = Cells(UNITS, DATES).durations("days", pd.Series([1.0, 4.0, np.nan, 10.0]))
    by_kind = dict(list(rows.groupby("value_kind")))
    assert cell(by_kind["mean"], "all_time", "")[["numerator", "denominator", "n"]].tolist() == [15, 3, 3]
    assert cell(by_kind["median"], "all_time", "").value == 4
    assert cell(by_kind["p90"], "all_time", "").value == pytest.approx(4 + 0.8 * 6)
    assert cell(by_kind["median"], "quarter", "2026-01-01").value == 2.5
    assert cell(by_kind["median"], "month", "2026-04-01").value == 10


def test_what_has_no_time_has_no_date():
    dates = date_of(pd.Series([np.nan, 86399.0, 86400.0]))
    assert dates.isna().tolist() == [True, False, False]
    assert dates.dt.day.tolist()[1:] == [1, 2]


def test_sums_add_up_to_all_time_and_a_quotient_of_nothing_is_none():
    units = UNITS.assign(won=[1, 0, 0, 1], asked=[2, 2, 0, 1])
    sums = sums_of(in_periods(units, DATES), {"owner": "owner"}, ["won", "asked"])
    rows = table(sums, "rate", sums.won, sums.asked, sums.asked)
    assert cell(rows, "all_time", "").value == 0.4
    assert cell(rows, "quarter", "2026-04-01", "owner", "not_recorded").value == 1
    assert np.isnan(cell(rows, "month", "2026-04-01", "owner", "bob").value)


@pytest.mark.parametrize(
    ("days", "is_ended", "median"),
    [
        # 3/4 go on after day 1, of the three left one ends on day 2: 3/4 x 2/3 = 1/2.
        ([1, 2, 2, 5], [True, True, False, False], 2),
        ([1, 2, 2, 5], [True, False, False, False], np.nan),
        ([4, 4, 9], [True, True, True], 4),
    ],
)
def test_a_survival_median_counts_what_has_not_ended_with_the_time_it_has_lasted(days, is_ended, median):
    spells = pd.DataFrame({"days": days, "is_ended": is_ended})
    rows = medians("days", spells, pd.Series(pd.to_datetime(["2026-01-31"] * len(days))), {})
    assert cell(rows, "month", "2026-01-01").value == pytest.approx(median, nan_ok=True)
    assert cell(rows, "month", "2026-01-01").n == len(days)


def figure(delivered, kpi: str, kind: str = "ratio") -> pd.Series:
    kpis = pd.read_csv(delivered.truth / "kpis.csv", keep_default_na=False, na_values={"value": [""]})
    return cell(kpis[(kpis.kpi == kpi) & (kpis.value_kind == kind)], "all_time", "")


def test_figures_are_those_of_the_record(clean):
    entries = clean.record("stage_entries").stage.value_counts()
    assert float(figure(clean, "win_rate").numerator) == entries["won"]
    assert float(figure(clean, "win_rate").denominator) == entries["won"] + entries["lost"]
    accepted = figure(clean, "sal_acceptance_of_delivered")
    assert (float(accepted.numerator), float(accepted.denominator)) == (entries["sal"], entries["mql"])
    leads = entries["inquiry"] + entries["lead_listed"]
    assert float(figure(clean, "lead_to_opportunity_rate").n) == leads


def test_no_dirt_changes_a_true_figure(clean, dirty):
    assert (clean.truth / "kpis.csv").read_bytes() == (dirty.truth / "kpis.csv").read_bytes()
