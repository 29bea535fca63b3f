"""How often one stage led to another, by the cohort that entered the first."""

import numpy as np
import pandas as pd

from pipeline.demo.kpis.cells import Cells, date_of, days_between
from pipeline.demo.kpis.known import ACCOUNT_SEGMENTS, Known
from pipeline.demo.kpis.wins import DAYS_TO_WIN


def figures(known: Known) -> list[pd.DataFrame]:
    """mql_to_won_rate and worked_to_won_rate (of those accepted): of cycles old enough, those won within their time."""
    cycles = known.described(known.book.cycles)
    # Who skips the acceptance is with sales from the next stage on.
    worked = cycles.sal.fillna(cycles[["sql", "converted"]].min(axis=1))
    with_sales = worked.notna()
    return [
        _won("mql_to_won_rate", cycles, cycles.mql, known),
        _won("worked_to_won_rate", cycles[with_sales], worked[with_sales], known),
    ]


def _won(kpi: str, cycles: pd.DataFrame, since: pd.Series, known: Known) -> pd.DataFrame:
    mature = date_of(since) + pd.Timedelta(days=DAYS_TO_WIN) <= pd.Timestamp(known.company.end_date)
    days = days_between(since, won_at(known).reindex(cycles.index))
    cells = Cells(cycles, date_of(since), LEAD_SEGMENTS)
    return cells.ratios(kpi, mature & (days <= DAYS_TO_WIN), mature, n=1)


LEAD_SEGMENTS = {"owner": "owner", "team": "team", "lead_source": "source", **ACCOUNT_SEGMENTS}


def won_at(known: Known) -> pd.Series:
    """When the deal that each cycle led to was won, NaN where it was not."""
    deals = known.book.deals
    won = deals[deals.outcome == "won"].set_index(["account", "deal"]).closed
    keys = known.book.cycles[["account", "deal"]].astype(np.int64)
    return pd.Series(won.reindex(pd.MultiIndex.from_frame(keys)).to_numpy(), index=keys.index)
