"""Every KPI mart gives the figures that the simulator counted from its own event log, on a clean and a dirty world."""

import pandas as pd
import pytest

from pipeline.demo.kpis.cells import Cells
from pipeline.demo.kpis.funnel import LEAD_SEGMENTS
from pipeline.demo.kpis.known import COMPANY_SIZES
from pipeline.demo.kpis.leads import DAYS_TO_DEAL
from pipeline.demo.silence import SILENT_DAYS
from tests.demo.conftest import NIGHT_DATES

pytestmark = pytest.mark.slow

CELL = ["kpi", "value_kind", "period_grain", "period_start", "segment_type", "segment_value"]
NUMBERS = ["value", "numerator", "denominator", "n"]
#: Periods that the truth is counted by; of the others the marts' own figures must add up to these.
COUNTED = ("month", "quarter", "all_time")


def marts(query) -> list[str]:
    found = query(
        "select table_name from information_schema.tables where table_schema = 'marts' and table_name like 'kpi_%'"
        " order by table_name"
    )
    assert len(found) > 0
    return found.table_name.tolist()


@pytest.fixture(scope="module")
def told(world) -> pd.DataFrame:
    """The rows of all KPI marts."""
    _, query = world
    rows = pd.concat([query(f"select * from marts.{mart}") for mart in marts(query)], ignore_index=True)
    return rows.assign(period_start=pd.to_datetime(rows.period_start), **{n: rows[n].astype(float) for n in NUMBERS})


@pytest.fixture(scope="module")
def true(world) -> pd.DataFrame:
    """The figures counted by the simulator, and what the injected defects add to them."""
    delivered, _ = world
    kpis = pd.read_csv(delivered.truth / "kpis.csv", dtype=dict.fromkeys(CELL, str), keep_default_na=False,
                       na_values={name: [""] for name in NUMBERS})  # fmt: skip
    assert len(kpis) > 100
    added = of_doubled_leads(delivered)
    figures = added[CELL[:2]].drop_duplicates()
    changes = kpis.merge(figures, how="left", indicator=True)._merge.eq("both").to_numpy()
    both = pd.concat([kpis[changes], added.merge(kpis[CELL[:2]].drop_duplicates())])
    summed = both.groupby(CELL)[NUMBERS].sum(min_count=1).reset_index()
    ratio = summed.numerator / summed.denominator.where(summed.denominator > 0)
    summed["value"] = ratio.where(summed.value_kind == "ratio", summed.value)
    return pd.concat([kpis[~changes], summed], ignore_index=True)


def of_doubled_leads(delivered) -> pd.DataFrame:
    """What people that were entered twice add: a lead each, which nobody works on and which dies in silence."""
    keys = delivered.ledger[delivered.ledger.kind == "duplicate_people"].key
    leads = delivered.current("salesforce/leads")
    leads = leads[leads.Id.isin(keys)]
    accounts = delivered.current("salesforce/accounts").set_index("Website")
    accounts = accounts[accounts.MasterRecordId == ""].reindex("https://" + leads.Website)
    teams = delivered.current("salesforce/users").set_index("Id").Team__c.reindex(leads.OwnerId)
    size = [next((n for n, most in COMPANY_SIZES if float(e) <= most), None) for e in accounts.NumberOfEmployees]
    leads = leads.assign(
        owner=leads.OwnerId, source=leads.LeadSource, team=teams.replace("", None).to_numpy(), company_size=size,
        industry=accounts.Industry.to_numpy(), region=accounts.Region__c.to_numpy(),
        account_segment=accounts.Segment__c.to_numpy(), path="not_handed_over", stage="inquiry", cause="silent",
    )  # fmt: skip
    created = pd.to_datetime(leads.CreatedDate).dt.tz_localize(None).dt.normalize()
    mature = created + pd.Timedelta(days=DAYS_TO_DEAL) <= pd.Timestamp(NIGHT_DATES[-1])
    died = created + pd.Timedelta(days=SILENT_DAYS)
    is_dead = died < pd.Timestamp(NIGHT_DATES[-1])
    waiting = Cells(leads, created, {"stage": "stage"}).sums("days_in_stage", 1, "open_count")
    return pd.concat(
        [
            Cells(leads, created, {**LEAD_SEGMENTS, "handover_path": "path"}).ratios(
                "lead_to_opportunity_rate", 0, mature, n=1
            ),
            Cells(leads[is_dead], died[is_dead], {**LEAD_SEGMENTS, "cause": "cause"}).ratios(
                "dead_lead_re_engagement_rate", 0
            ),
            waiting[waiting.segment_type == "stage"],
        ]
    )


def test_every_figure_has_its_truth(told, true):
    """By every kind of value and every segment."""
    kinds = ["kpi", "value_kind", "segment_type"]
    counted = told[told.period_grain.isin(COUNTED)]
    assert set(counted.kpi) == set(told.kpi)
    by_marts, by_truth = (set(map(tuple, rows[kinds].drop_duplicates().to_numpy())) for rows in (counted, true))
    assert by_marts - by_truth == set(), "count it in pipeline/demo/kpis, apart from the mart's SQL"
    assert by_truth - by_marts == set(), "figures that no mart tells"


def test_every_kpi_is_what_happened(told, true):
    """Cells that only one side has are as wrong as different numbers."""
    counted = told[told.period_grain.isin(COUNTED)]
    start = counted.period_start.dt.strftime("%Y-%m-%d").where(counted.period_grain != "all_time", "")
    both = counted.assign(period_start=start).merge(
        true, on=CELL, how="outer", suffixes=("_told", "_true"), indicator=True
    )
    assert len(both) == len(true) > 0, both[both._merge != "both"][CELL].head(20).to_string()
    wrong = pd.Series(False, index=both.index)
    for name in NUMBERS:
        wrong |= differs(both[f"{name}_told"], both[f"{name}_true"])
    columns = [*CELL, *(f"{name}_{side}" for name in NUMBERS[:3] for side in ("told", "true"))]
    assert not wrong.any(), f"{wrong.sum()} of {len(both)}\n{both[wrong][columns].head(20).to_string()}"


def differs(one: pd.Series, other: pd.Series) -> pd.Series:
    return (one.isna() != other.isna()) | ((one - other).abs() > 1e-9 * other.abs().clip(lower=1))


#: Answers of too few people are shown for no period, and count in longer ones.
HIDDEN_WHERE_FEW = ("enps", "pulse_favourable_share")
#: Per longer period: the shorter one that it is made of, and when the longer ones begin that hold one of those.
MADE_OF = {
    "month": ("day", lambda start: [start.dt.to_period("M").dt.start_time]),
    "all_time": ("week", None),
    "fiscal_year": ("month", lambda start: [start.dt.to_period("Y").dt.start_time]),
    "trailing_12_months": ("month", lambda start: [start - pd.DateOffset(months=k) for k in range(12)]),
}


@pytest.mark.parametrize("longer", MADE_OF)
def test_shorter_periods_add_up_to_longer_ones(told, longer):
    """Of all that is told by the day: what is not, is of a moment or of whole months only."""
    shorter, starts_of = MADE_OF[longer]
    daily = told[told.kpi.isin(told[told.period_grain == "day"].kpi) & (told.value_kind != "survival_median")]
    daily = daily[~daily.kpi.isin(HIDDEN_WHERE_FEW)]
    parts, whole = (daily[daily.period_grain == grain] for grain in (shorter, longer))
    starts = starts_of(parts.period_start) if starts_of else [whole.period_start.iloc[0]]
    parts = pd.concat([parts.assign(period_start=start) for start in starts])
    cell = [name for name in CELL if name != "period_grain"]
    summed = parts.groupby(cell)[["numerator", "denominator"]].sum()
    both = whole.set_index(cell)[["numerator", "denominator"]].join(summed, rsuffix="_parts")
    assert len(both) > 100
    for name in ("numerator", "denominator"):
        assert not differs(both[name].fillna(0), both[f"{name}_parts"].fillna(0)).any(), name


def test_fiscal_quarters_of_a_calendar_year_are_its_quarters(told):
    cell = [name for name in CELL if name != "period_grain"]
    fiscal, quarters = (
        told[told.period_grain == grain].set_index(cell)[NUMBERS].sort_index()
        for grain in ("fiscal_quarter", "quarter")
    )
    assert len(fiscal) > 100
    pd.testing.assert_frame_equal(fiscal, quarters)
