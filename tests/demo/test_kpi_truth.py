"""The true KPIs are counted right: cells by hand, and figures against the record of the events."""

import numpy as np
import pandas as pd
import pytest

from pipeline.demo.kpis.cells import Cells

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
