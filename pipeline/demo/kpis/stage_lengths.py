"""How long units were in each stage: of the funnel (leads to the next change, deals to their close), and of the CRM."""

import numpy as np
import pandas as pd

from pipeline.demo.deals import STAGES
from pipeline.demo.kpis.cells import Cells, date_of, days_between
from pipeline.demo.kpis.known import DAY, Known
from pipeline.demo.kpis.survival import medians

#: What a lead in a stage goes on to; the first that happened ended it.
_NEXT = {
    "mql": ("rejected", "sal", "sql", "recycled", "disqualified", "converted"),
    "sal": ("sql", "recycled", "disqualified", "converted"),
    "sql": ("recycled", "disqualified", "converted"),
}


def figures(known: Known) -> list[pd.DataFrame]:
    """Days of those that left a stage in a period, and how many that entered it then are in it still."""
    # Of all stages together it would be the time of no unit.
    tables = [*_of_the_funnel(known), *_of_the_crm(known)]
    return [table[table.segment_type == "stage"] for table in tables]


def _of_the_funnel(known: Known) -> list[pd.DataFrame]:
    spells = pd.concat([_inquiries(known), *(_cycles(known, stage) for stage in _NEXT), _deals(known)])
    spells = spells.reset_index(drop=True)
    days = (spells.left - spells.entered) / DAY
    days = days.where(~spells.is_by_day, days_between(spells.entered, spells.left))
    ended, on = spells[spells.left.notna()], spells[spells.left.isna()]
    cells = Cells(ended, date_of(ended.left), {"stage": "stage"})
    return [
        cells.durations("days_in_stage", days[ended.index]),
        cells.sums("days_in_stage", 0, "negative_count"),
        Cells(on, date_of(on.entered), {"stage": "stage"}).sums("days_in_stage", 1, "open_count"),
    ]


def _of_the_crm(known: Known) -> list[pd.DataFrame]:
    """Calendar days of deals in each open stage: a move lasts until the next."""
    moves = known.book.moves.sort_values(["account", "deal", "second"], kind="stable")
    moves["left"] = moves.groupby(["account", "deal"]).second.shift(-1)
    moves = moves.assign(name=np.array(STAGES, dtype=object)[moves.stage], entered=date_of(moves.second))
    moves = moves[moves.stage < STAGES.index("Closed Won")].reset_index(drop=True)
    days = days_between(moves.second, moves.left.fillna(known.end - 1))
    ended, on = moves[moves.left.notna()], moves[moves.left.isna()]
    kpi, segments = "days_in_opportunity_stage", {"stage": "name"}
    cells = Cells(ended, date_of(ended.left), segments)
    return [
        cells.durations(kpi, days[ended.index]),
        cells.sums(kpi, 0, "negative_count"),
        Cells(on, on.entered, segments).sums(kpi, 1, "open_count"),
        medians(kpi, moves.assign(days=days, is_ended=moves.left.notna()), moves.entered, segments),
    ]


def _spells(stage: str, entered: pd.Series, left: pd.Series, is_by_day: object = False) -> pd.DataFrame:
    return pd.DataFrame({"stage": stage, "entered": entered, "left": left, "is_by_day": is_by_day})


def _inquiries(known: Known) -> pd.DataFrame:
    leads, cycles = known.book.leads, known.book.cycles
    first = cycles.groupby(["account", "member"]).mql.min()
    left = first.reindex(pd.MultiIndex.from_frame(leads[["account", "member"]]))
    return _spells("inquiry", leads.created, pd.Series(left.to_numpy(), index=leads.index))


def _cycles(known: Known, stage: str) -> pd.DataFrame:
    """The CRM knows by its day only when a lead came to a deal that had been opened before."""
    cycles = known.book.cycles
    cycles = cycles[cycles[stage].notna()]
    deals = known.book.deals.set_index(["account", "deal"]).created
    opened = deals.reindex(pd.MultiIndex.from_frame(cycles[["account", "deal"]].astype(np.int64))).to_numpy()
    # To be converted without a deal is no stage to leave for.
    converted = cycles.converted.where(~np.isnan(opened))
    ends = cycles.assign(converted=converted)[list(_NEXT[stage])]
    left = ends.min(axis=1)
    joins = (left == converted) & (date_of(left) > date_of(pd.Series(opened, index=cycles.index)))
    return _spells(stage, cycles[stage], left, joins)


def _deals(known: Known) -> pd.DataFrame:
    deals = known.book.deals
    return _spells("opportunity", deals.created, deals.closed)
