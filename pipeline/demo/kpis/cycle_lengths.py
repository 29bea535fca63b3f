"""How long it took: from the first contact and from the opening of a deal to its close."""

import pandas as pd

from pipeline.demo.kpis.cells import Cells, date_of, days_between
from pipeline.demo.kpis.known import Known
from pipeline.demo.kpis.wins import SEGMENTS


def figures(known: Known) -> list[pd.DataFrame]:
    """days_to_win: calendar days from the first contact of a deal's people to its win, by the date of the win."""
    deals = known.book.deals
    won = deals[deals.outcome == "won"]
    days = days_between(won.first_contact, won.closed)
    return [Cells(won, date_of(won.closed), SEGMENTS).durations("days_to_win", days.where(days >= 0))]
