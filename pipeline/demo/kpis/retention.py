"""Customers and recurring revenue: who of a period's first day was still there on the day after its last."""

from functools import lru_cache

import numpy as np
import pandas as pd

from pipeline.demo.kpis.cells import GRAINS, date_of, figure, sums_of
from pipeline.demo.kpis.known import ACCOUNT_SEGMENTS, Known

_TENURES = (("under_1_year", 12), ("1_to_2_years", 24), ("2_to_3_years", 36), ("3_years_and_more", 10**6))
_SEGMENTS = {"owner": "owner", "team": "team", "tenure": "tenure", **ACCOUNT_SEGMENTS}
_SUMS = ["lost", "customers", "amount", "kept", "end"]


def figures(known: Known) -> list[pd.DataFrame]:
    """customer_churn (and what it would make of a year), gross_ and net_revenue_retention of periods that are over."""
    months = customer_months(known)
    return [table for grain, code in GRAINS.items() for table in _of_grain(months, grain, code, known)]


@lru_cache(maxsize=1)
def customer_months(known: Known) -> pd.DataFrame:
    """One row per customer and first of a month: account, month, amount a year, owner who sold first, tenure."""
    terms = known.book.terms
    starts = date_of(terms.starts)
    ends = date_of(terms.ends) - pd.Timedelta(days=1)
    amount = known.yearly_amounts()
    last = pd.Timestamp(known.company.end_date) + pd.Timedelta(days=1)
    firsts = pd.date_range(starts.min().replace(day=1), last, freq="MS") if len(terms) else []
    running = [terms.assign(amount=amount, month=m)[(starts <= m) & (ends >= m)] for m in firsts]
    if not running:
        return pd.DataFrame({"account": [], "month": [], "amount": [], "owner": [], "tenure": []})
    active = pd.concat(running).groupby(["account", "month"]).amount.sum().reset_index()
    since = active.account.map(starts.groupby(terms.account).min())
    sellers = known.book.deals.drop_duplicates("account").set_index("account").owner
    tenure = (active.month.dt.year - since.dt.year) * 12 + active.month.dt.month - since.dt.month
    tenure = tenure - (since.dt.day > active.month.dt.day)
    names = np.array([name for name, _ in _TENURES], dtype=object)
    band = names[np.searchsorted([below for _, below in _TENURES], tenure, side="right")]
    return active.assign(owner=active.account.map(sellers), tenure=band)


def _of_grain(months: pd.DataFrame, grain: str, code: str, known: Known) -> list[pd.DataFrame]:
    period = months.month.dt.to_period(code) if len(months) else pd.Series(dtype="period[M]")
    begins = months[(period.dt.start_time == months.month).to_numpy()] if len(months) else months
    if begins.empty:
        return []
    following = (begins.month.dt.to_period(code) + 1).dt.start_time
    is_over = following <= pd.Timestamp(known.company.end_date) + pd.Timedelta(days=1)
    begins, following = begins[is_over], following[is_over]
    amounts = months.set_index(["account", "month"]).amount
    later = amounts.reindex(pd.MultiIndex.from_arrays([begins.account, following])).to_numpy()
    units = begins.assign(
        lost=np.isnan(later).astype(int),
        customers=1,
        end=np.nan_to_num(later),
        kept=np.minimum(begins.amount, np.nan_to_num(later)),
        period_start=begins.month.dt.strftime("%Y-%m-%d"),
        period_grain=grain,
    )
    sums = sums_of(known.described(units), _SEGMENTS, _SUMS)
    count = sums.customers
    tables = [
        figure(sums, "customer_churn", sums.lost, count, count),
        figure(sums, "gross_revenue_retention", sums.kept, sums.amount, count),
        figure(sums, "net_revenue_retention", sums.end, sums.amount, count),
    ]
    if grain == "month":
        yearly = tables[0].assign(kpi="customer_churn_annualised", value_kind="compounded")
        tables.append(yearly.assign(value=1 - (1 - yearly.value) ** 12))
    return tables
