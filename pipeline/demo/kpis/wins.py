"""Win rate: won / (won + lost) of the deals closed in a period, by count and by value; open ones are never in it."""

import numpy as np
import pandas as pd

from pipeline.demo.kpis.cells import Cells, date_of, days_between
from pipeline.demo.kpis.known import ACCOUNT_SEGMENTS, Known

#: Days within which the company expects a lead or a deal to be won, and after which it judges.
DAYS_TO_WIN = 270
SEGMENTS = {
    "owner": "owner", "team": "team", "manager": "manager", "opportunity_type": "type", "lead_source": "source",
    "channel": "channel", "product": "product", **ACCOUNT_SEGMENTS,
}  # fmt: skip


def figures(known: Known) -> list[pd.DataFrame]:
    """win_rate and win_rate_by_value. Wins are worth their amount at the rate of the close."""
    deals = known.deals
    closed = deals[deals.outcome != "open"]
    date = date_of(closed.closed)
    is_won = closed.outcome == "won"
    rated_on = date.where(is_won, date_of(closed.created))
    value = known.in_reporting_currency(closed.amount, closed.currency, rated_on)
    cells = Cells(closed, date, SEGMENTS)
    return [
        cells.ratios("win_rate", is_won),
        cells.ratios("win_rate_by_value", np.where(is_won, value, 0), value, n=1),
        _opened(known),
    ]


def _opened(known: Known) -> pd.DataFrame:
    """opened_win_rate: of the deals old enough, those won within their time, by the day they were opened."""
    deals = known.deals
    opened = date_of(deals.created)
    mature = opened + pd.Timedelta(days=DAYS_TO_WIN) <= pd.Timestamp(known.company.end_date)
    won = (deals.outcome == "won") & (days_between(deals.created, deals.closed) <= DAYS_TO_WIN)
    return Cells(deals, opened, SEGMENTS).ratios("opened_win_rate", mature & won, mature, n=1)
