"""Touches an account took until its first meeting was booked, and until one was held."""

import pandas as pd

from pipeline.demo.kpis.cells import Cells, date_of
from pipeline.demo.kpis.known import ACCOUNT_SEGMENTS, Known


def figures(known: Known) -> list[pd.DataFrame]:
    """touches_to_first_meeting_booked and _held, by the day of an account's first touch."""
    accounts = known.described(known.book.first_meetings)
    segments = {"owner": "owner", "first_channel": "first_channel", **ACCOUNT_SEGMENTS}
    cells = Cells(accounts, date_of(accounts.first_touched), segments)
    tables = []
    for milestone in ("booked", "held"):
        kpi = f"touches_to_first_meeting_{milestone}"
        has_one = accounts[milestone].notna()
        tables.append(cells.durations(kpi, accounts[f"before_{milestone}"].where(has_one)))
        tables.append(cells.ratios(f"without_first_meeting_{milestone}", ~has_one))
    return tables
