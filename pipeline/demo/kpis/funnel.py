"""How often one stage led to another, by the cohort that entered the first."""

import numpy as np
import pandas as pd

from pipeline.demo.kpis.cells import Cells, date_of, days_between
from pipeline.demo.kpis.known import Known

#: Days within which the company expects a qualified lead to be won, and after which it judges.
DAYS_TO_WIN = 270


def figures(known: Known) -> list[pd.DataFrame]:
    """mql_to_won_rate: of the cycles old enough to be judged, those whose deal was won within their time."""
    cycles = known.book.cycles
    mature = date_of(cycles.mql) + pd.Timedelta(days=DAYS_TO_WIN) <= pd.Timestamp(known.company.end_date)
    days = days_between(cycles.mql, won_at(known))
    cells = Cells(cycles, date_of(cycles.mql), LEAD_SEGMENTS)
    return [cells.ratios("mql_to_won_rate", mature & (days <= DAYS_TO_WIN), mature, n=1)]


LEAD_SEGMENTS = {"owner": "owner", "lead_source": "source"}


def won_at(known: Known) -> pd.Series:
    """When the deal that each cycle led to was won, NaN where it was not."""
    deals = known.book.deals
    won = deals[deals.outcome == "won"].set_index(["account", "deal"]).closed
    keys = known.book.cycles[["account", "deal"]].astype(np.int64)
    return pd.Series(won.reindex(pd.MultiIndex.from_frame(keys)).to_numpy(), index=keys.index)
