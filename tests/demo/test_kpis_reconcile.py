"""Every KPI mart gives the figures that the simulator counted from its own event log, on a clean and a dirty world."""

import pandas as pd
import pytest

from pipeline.demo.kpis.cells import Cells
from pipeline.demo.kpis.leads import DAYS_TO_DEAL
from tests.demo.conftest import NIGHTS

pytestmark = pytest.mark.slow

CELL = ["kpi", "value_kind", "period_grain", "period_start", "segment_type", "segment_value"]
NUMBERS = ["value", "numerator", "denominator", "n"]

#: Figures of which the truth has none, and why. May only shrink: a name that has become true must go.
UNTOLD: dict[str, str] = {
    "clv_non_contractual": "all customers of this company have contracts",
    "days_in_stage": "the entries that it lasts between are held to the record by test_marts_reconcile",
    "dead_lead_re_engagement_rate": "silence is told by every touch of a person, which the truth links to accounts",
    "marketing_influenced_pipeline_share": "journeys say whose the touches were, and have tests of their own",
    "marketing_sourced_pipeline_share": "journeys say whose the touches were, and have tests of their own",
}


def marts(query) -> list[str]:
    found = query(
        "select table_name from information_schema.tables where table_schema = 'marts' and table_name like 'kpi_%'"
        " order by table_name"
    )
    assert len(found) > 0
    return found.table_name.tolist()


@pytest.fixture(scope="module")
def told(world) -> pd.DataFrame:
    """The rows of all KPI marts, with the mart each comes from; periods as text, that of all time as nothing."""
    _, query = world
    rows = pd.concat([query(f"select * from marts.{mart}").assign(mart=mart) for mart in marts(query)])
    start = pd.to_datetime(rows.period_start).dt.strftime("%Y-%m-%d")
    rows["period_start"] = start.where(rows.period_grain != "all_time", "")
    return rows.assign(**{name: rows[name].astype(float) for name in NUMBERS})


@pytest.fixture(scope="module")
def true(world) -> pd.DataFrame:
    """The figures counted by the simulator, and what the injected defects add to them."""
    delivered, _ = world
    kpis = pd.read_csv(delivered.truth / "kpis.csv", dtype=dict.fromkeys(CELL, str), keep_default_na=False,
                       na_values={name: [""] for name in NUMBERS})  # fmt: skip
    assert len(kpis) > 100
    doubles = doubled_leads(delivered)
    both = pd.concat([kpis, doubles[doubles.value_kind == "ratio"]])
    changed = both[both.kpi.isin(doubles.kpi)].groupby(CELL)[["numerator", "denominator", "n"]].sum().reset_index()
    changed["value"] = changed.numerator / changed.denominator.where(changed.denominator > 0)
    return pd.concat([kpis[~kpis.kpi.isin(doubles.kpi)], changed], ignore_index=True)


def doubled_leads(delivered) -> pd.DataFrame:
    """What people that were entered twice add: a lead each, which nobody works on."""
    keys = delivered.ledger[delivered.ledger.kind == "duplicate_people"].key
    leads = delivered.current("salesforce/leads")
    leads = leads[leads.Id.isin(keys)].assign(path="not_handed_over")
    created = pd.to_datetime(leads.CreatedDate).dt.tz_localize(None).dt.normalize()
    mature = created + pd.Timedelta(days=DAYS_TO_DEAL) <= pd.Timestamp(NIGHTS[-1])
    segments = {"owner": "OwnerId", "lead_source": "LeadSource", "handover_path": "path"}
    return Cells(leads, created, segments).ratios("lead_to_opportunity_rate", 0, mature, n=1)


def test_every_figure_has_its_truth(told, true):
    told_of = set(told.kpi)
    without = told_of - set(true.kpi)
    assert without <= set(UNTOLD), "count it in pipeline/demo/kpis, apart from the mart's SQL"
    assert set(UNTOLD) & told_of <= without, "this one has its truth now: take it off the list"
    assert set(true.kpi) <= told_of, "a figure that no mart tells"


def test_every_kind_of_value_has_its_truth(told, true):
    kinds = set(map(tuple, told[told.kpi.isin(true.kpi)][["kpi", "value_kind"]].drop_duplicates().to_numpy()))
    assert kinds
    assert kinds <= set(map(tuple, true[["kpi", "value_kind"]].drop_duplicates().to_numpy()))


def test_every_kpi_is_what_happened(told, true):
    """Cells that only one side has are as wrong as different numbers."""
    true = true.merge(told[["kpi", "value_kind"]].drop_duplicates())
    known = true[["kpi", "value_kind", "period_grain", "segment_type"]].drop_duplicates()
    compared = told.merge(known)
    both = compared.merge(true, on=CELL, how="outer", suffixes=("_told", "_true"), indicator=True)
    assert len(both) == len(true) > 0, both[both._merge != "both"][CELL].head(20).to_string()
    wrong = pd.Series(False, index=both.index)
    for name in NUMBERS:
        mart, truth = both[f"{name}_told"], both[f"{name}_true"]
        wrong |= (mart.isna() != truth.isna()) | ((mart - truth).abs() > 1e-9 * truth.abs().clip(lower=1))
    columns = [*CELL[:1], *CELL[2:], *(f"{name}_{side}" for name in NUMBERS[:3] for side in ("told", "true"))]
    assert not wrong.any(), f"{wrong.sum()} of {len(both)}\n{both[wrong][columns].head(20).to_string()}"
