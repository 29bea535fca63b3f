"""What was open at the end of each period, as it was then: by count, amount, and amount x probability of its stage."""

import numpy as np
import pandas as pd

from pipeline.demo.deals import STAGES
from pipeline.demo.kpis.cells import GRAINS, date_of, figure, sums_of
from pipeline.demo.kpis.known import Known
from pipeline.demo.kpis.wins import SEGMENTS

#: Percent that a deal in each open stage is expected to be won.
_PROBABILITY = np.array([10, 30, 55, 80])


def figures(known: Known) -> list[pd.DataFrame]:
    """pipeline_amount, pipeline_weighted_amount and pipeline_count; a period that is not over ends today."""
    open_then = _open_at_ends(known)
    sums = sums_of(open_then, {**SEGMENTS, "stage": "stage"}, ["amount", "weighted", "count"])
    return [
        figure(sums, "pipeline_amount", sums.amount, n=sums["count"], kind="sum"),
        figure(sums, "pipeline_weighted_amount", sums.weighted, n=sums["count"], kind="sum"),
        figure(sums, "pipeline_count", sums["count"], n=sums["count"], kind="count"),
    ]


def _open_at_ends(known: Known) -> pd.DataFrame:
    """One row per period and deal that was open at its end."""
    deals, moves = known.deals, known.book.moves.drop(columns=["type", "owner"])
    moves = moves.assign(date=date_of(moves.second))
    today = pd.Timestamp(known.company.end_date)
    is_won = deals.outcome == "won"
    rated_on = date_of(deals.closed).where(is_won, date_of(deals.created))
    about = deals.assign(rated_on=rated_on)[["account", "deal", "rated_on", *SEGMENTS.values()]]
    moves = moves.merge(about, on=["account", "deal"])
    moves = moves.sort_values(["account", "deal", "second"], kind="stable")
    moves["until"] = moves.groupby(["account", "deal"]).date.shift(-1)
    moves = moves[moves.stage < len(_PROBABILITY)]
    begins, ends = moves.date.to_numpy(), moves.until.fillna(pd.Timestamp.max).to_numpy()
    # Tonight's is frozen, in whole cents; history keeps what its rates give.
    amounts = {d: known.in_reporting_currency(moves.amount, moves.currency, moves.rated_on, d) for d in (2, 4)}
    rows, grains, starts, amount = [], [], [], []
    for grain, code in {**GRAINS, "all_time": None}.items():
        for period in pd.period_range(known.company.start_date, today, freq=code) if code else [None]:
            end = min(period.end_time.normalize(), today) if code else today
            last = np.flatnonzero((begins <= end.to_numpy()) & (ends > end.to_numpy()))
            rows.append(last)
            grains.append(np.full(len(last), grain, dtype=object))
            starts.append(np.full(len(last), period.start_time.strftime("%Y-%m-%d") if code else "", dtype=object))
            amount.append(amounts[2 if end == today else 4][last])
    units = moves.iloc[np.concatenate(rows)].assign(
        period_grain=np.concatenate(grains), period_start=np.concatenate(starts), amount=np.concatenate(amount)
    )
    whole = np.rint(units.amount.to_numpy() * 1e4).astype(np.int64) * _PROBABILITY[units.stage]
    return units.assign(weighted=(whole + 50) // 100 / 1e4, count=1, stage=np.array(STAGES, dtype=object)[units.stage])
