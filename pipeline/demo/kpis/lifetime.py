"""What customers are worth: their margin so far, and what running contracts bring as long as such are kept."""

import numpy as np
import pandas as pd

from pipeline.demo.kpis.cells import Cells, date_of, figure
from pipeline.demo.kpis.known import Known
from pipeline.demo.kpis.retention import customer_months
from pipeline.demo.kpis.wins import SEGMENTS

#: How far the company looks ahead, and what a year of waiting costs.
HORIZON_MONTHS, DISCOUNT_A_YEAR = 36, 0.10


def lifetimes(customers: pd.DataFrame) -> list[pd.DataFrame]:
    """clv_historic, clv_contractual, clv_non_contractual and clv per customer, by the period of the first win.

    customers: one row each with `date`, `margin` so far, `expected` (see `expected_margins`) and segments.
    """
    columns = {"historic": customers.margin, "contractual": customers.expected}
    columns["lifetime"] = customers.margin + customers.expected
    counts = {f"{name}_count": values.notna() for name, values in columns.items()}
    sums = Cells(customers, customers.date, SEGMENTS).totals(columns | counts)
    tables = []
    for kpi, name, kind in (
        ("clv_historic", "historic", "mean"),
        ("clv_contractual", "contractual", "survival"),
        ("clv", "lifetime", "mean"),
    ):
        count = sums[f"{name}_count"]
        tables.append(figure(sums, kpi, sums[name].where(count > 0), count, count, kind))
    # Every customer has a contract: what buying without one would be worth is said of nobody.
    nobody = np.zeros(len(sums))
    tables.append(figure(sums, "clv_non_contractual", np.full(len(sums), np.nan), nobody, nobody, "fit"))
    return tables


def expected_margins(known: Known, accounts: pd.Series, margin_share: pd.Series) -> np.ndarray:
    """Discounted margin of running contracts within the horizon; 0 where all have ended, NaN where there was none."""
    today, terms = pd.Timestamp(known.company.end_date), known.book.terms
    starts, ends = date_of(terms.starts), date_of(terms.ends) - pd.Timedelta(days=1)
    running = known.yearly_amounts().where(ends >= today, 0.0)[starts <= today]
    by_account = running.groupby(terms.account).sum().reindex(accounts).to_numpy()
    return np.round(by_account.astype(float) / 12 * margin_share.to_numpy() * _months_kept(known), 4)


def _months_kept(known: Known) -> float:
    """How many monthly payments are to be expected, at the churn of the last twelve months."""
    months = customer_months(known)
    if months.empty:
        return np.nan
    tomorrow = pd.Timestamp(known.company.end_date) + pd.Timedelta(days=1)
    following = months.month + pd.DateOffset(months=1)
    recent = (months.month >= tomorrow.replace(day=1) - pd.DateOffset(months=12)) & (following <= tomorrow)
    if not recent.any():
        return np.nan
    there = pd.MultiIndex.from_frame(months[["account", "month"]])
    stayed = pd.MultiIndex.from_arrays([months.account[recent], following[recent]]).isin(there)
    kept = stayed.mean() / (1 + DISCOUNT_A_YEAR) ** (1 / 12)
    return sum(kept**month for month in range(1, HORIZON_MONTHS + 1))
