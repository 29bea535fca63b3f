"""What became of leads: how many led to a deal, by how they reached sales."""

import numpy as np
import pandas as pd

from pipeline.demo.kpis.cells import Cells, date_of, days_between
from pipeline.demo.kpis.funnel import LEAD_SEGMENTS
from pipeline.demo.kpis.known import Known

#: Days after which a lead is judged by whether it has a deal.
DAYS_TO_DEAL = 90


def figures(known: Known) -> list[pd.DataFrame]:
    """lead_to_opportunity_rate: of the leads old enough, those that came to a deal within their time."""
    leads = known.described(known.book.leads)
    deals = known.book.deals.set_index(["account", "deal"]).created
    created = deals.reindex(pd.MultiIndex.from_frame(leads[["account", "deal"]])).to_numpy()
    # A lead that joins an open deal comes to it when it is converted, not when the deal was opened for another.
    days = days_between(leads.created, leads.converted.where(~np.isnan(created)))
    mature = date_of(leads.created) + pd.Timedelta(days=DAYS_TO_DEAL) <= pd.Timestamp(known.company.end_date)
    cells = Cells(
        leads.assign(path=_path(known, leads)), date_of(leads.created), {**LEAD_SEGMENTS, "handover_path": "path"}
    )
    return [cells.ratios("lead_to_opportunity_rate", mature & (days <= DAYS_TO_DEAL), mature, n=1)]


def _path(known: Known, leads: pd.DataFrame) -> np.ndarray:
    """How each lead first reached sales: accepted, with the acceptance skipped, handed over only, or not at all."""
    cycles = known.book.cycles
    with_sales = cycles[["sal", "sql", "converted"]].min(axis=1)
    first = cycles.assign(with_sales=with_sales).groupby(["account", "member"])[["mql", "sal", "with_sales"]].min()
    first = first.reindex(pd.MultiIndex.from_frame(leads[["account", "member"]])).reset_index(drop=True)
    return np.select(
        [first.mql.isna(), first.with_sales.isna(), first.sal.isna() | (first.sal > first.with_sales)],
        ["not_handed_over", "handed_over", "acceptance_skipped"],
        "accepted",
    )
