"""Win rate: won / (won + lost) of the deals closed in a period, by count and by value; open ones are never in it."""

import numpy as np
import pandas as pd

from pipeline.demo.kpis.cells import Cells, date_of
from pipeline.demo.kpis.known import Known

SEGMENTS = {"owner": "owner", "opportunity_type": "type"}


def figures(known: Known) -> list[pd.DataFrame]:
    """win_rate and win_rate_by_value. Wins are worth their amount at the rate of the close."""
    deals = known.book.deals
    closed = deals[deals.outcome != "open"]
    date = date_of(closed.closed)
    is_won = closed.outcome == "won"
    rated_on = date.where(is_won, date_of(closed.created))
    value = known.in_reporting_currency(closed.amount, closed.currency, rated_on)
    cells = Cells(closed, date, SEGMENTS)
    return [
        cells.ratios("win_rate", is_won),
        cells.ratios("win_rate_by_value", np.where(is_won, value, 0), value, n=1),
    ]
