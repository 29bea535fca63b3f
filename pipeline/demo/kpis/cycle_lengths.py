"""How long it took: from the first contact and from the opening of a deal to its close."""

import pandas as pd

from pipeline.demo.kpis.cells import Cells, date_of, days_between
from pipeline.demo.kpis.known import Known
from pipeline.demo.kpis.survival import medians
from pipeline.demo.kpis.wins import SEGMENTS

#: Per figure: from when it counts, and the outcomes that end it.
CYCLES = {
    "days_to_win": ("first_contact", ("won",)),
    "days_to_close": ("first_contact", ("won", "lost")),
    "days_from_creation_to_win": ("created", ("won",)),
    "days_from_creation_to_close": ("created", ("won", "lost")),
}


def figures(known: Known) -> list[pd.DataFrame]:
    """Calendar days of what was closed in a period; how many of those created in it are open; survival medians."""
    return [table for kpi, (begin, outcomes) in CYCLES.items() for table in _cycle(known, kpi, begin, outcomes)]


def _cycle(known: Known, kpi: str, begin: str, outcomes: tuple[str, ...]) -> list[pd.DataFrame]:
    deals = known.deals
    ended = deals[deals.outcome.isin(outcomes)]
    days = days_between(ended[begin], ended.closed)
    still_open = deals[deals.outcome == "open"]
    started = deals[deals[begin].notna()]
    until = started.closed.fillna(known.end - 1)
    spells = started.assign(days=days_between(started[begin], until), is_ended=started.outcome.isin(outcomes))
    spells = spells[spells.days >= 0]
    cells = Cells(ended, date_of(ended.closed), SEGMENTS)
    return [
        cells.durations(kpi, days.where(days >= 0)),
        cells.sums(kpi, days < 0, "negative_count"),
        Cells(still_open, date_of(still_open.created), SEGMENTS).sums(kpi, 1, "open_count"),
        medians(kpi, spells, date_of(spells[begin]), SEGMENTS),
    ]
