"""Hand-overs of qualified leads to sales, one per cycle: what was decided, how soon, and when they were called."""

import numpy as np
import pandas as pd

from pipeline.demo.kpis.cells import Cells, date_of
from pipeline.demo.kpis.funnel import LEAD_SEGMENTS
from pipeline.demo.kpis.known import Known

#: Hours that the company allows for a decision, and from the acceptance to a first contact.
SERVICE_HOURS = (24, 48)
#: An undecided hand-over older than this is stagnant.
STAGNANT_HOURS = 48
#: Names and minutes of the limits that answers are counted by.
RESPONSE_MINUTES = {"5_minutes": 5, "30_minutes": 30, "1_hour": 60, "24_hours": 1440}
#: Days after which a hand-over is judged by whether it was reached and qualified.
DAYS_TO_QUALIFY = 45


def figures(known: Known) -> list[pd.DataFrame]:
    """Acceptance, service levels, stagnant hand-overs, response times, and what came of them by response."""
    cycles = handovers(known)
    cells = Cells(cycles, cycles.date, LEAD_SEGMENTS)
    return [
        *_acceptance(cells, cycles),
        *_service_levels(cells, cycles),
        *_responses(cycles, known),
        *_outcomes(cycles, known),
    ]


def handovers(known: Known) -> pd.DataFrame:
    """The cycles with `decision`, `decided`, and the second their clocks stopped.

    The first decision counts. What the CRM never recorded was not decided: an acceptance that was skipped is nobody's.
    """
    cycles = known.described(known.book.cycles.sort_values(["account", "member", "cycle"], ignore_index=True))
    ended = cycles[["recycled", "disqualified"]].min(axis=1)
    ended = np.fmin(ended, _deal_closed(known, cycles))
    went_on = cycles.sql.notna() | cycles.converted.notna()
    decision = np.select(
        [cycles.sal.notna(), cycles.rejected.notna(), went_on, ended.notna()],
        ["accepted", "rejected", "skipped", "taken_back"],
        "undecided",
    )
    decided = cycles.sal.fillna(cycles.rejected)
    last = np.nextafter(float(known.end), 0)
    clock = decided.fillna(ended.where(decision == "taken_back")).where(decision != "skipped")
    clock = clock.where(decision != "undecided", last)
    cycles = cycles.assign(decision=decision, decided=decided, decision_clock=clock, ended=ended)
    met = np.fmax(cycles.contacted, cycles.sal)
    met = met.where(cycles.contacted.notna())
    cycles["contact_clock"] = met.fillna(ended).fillna(last).where(cycles.decision == "accepted")
    asked = (cycles.decision != "rejected") | (cycles.outbound <= cycles.decided)
    return cycles.assign(is_asked=asked, date=date_of(cycles.mql), minutes=(cycles.outbound - cycles.mql) / 60)


def _deal_closed(known: Known, cycles: pd.DataFrame) -> np.ndarray:
    deals = known.book.deals.set_index(["account", "deal"]).closed
    return deals.reindex(pd.MultiIndex.from_frame(cycles[["account", "deal"]].astype(np.int64))).to_numpy()


def _acceptance(cells: Cells, cycles: pd.DataFrame) -> list[pd.DataFrame]:
    accepted, decided = cycles.decision == "accepted", cycles.decision.isin(["accepted", "rejected"])
    hours = (cycles.decision_clock - cycles.mql) / 3600
    stagnant = (cycles.decision == "undecided") & (hours > STAGNANT_HOURS)
    return [
        cells.ratios("sal_acceptance_of_decided", accepted, decided),
        cells.ratios("sal_acceptance_of_delivered", accepted),
        cells.ratios("stagnant_mqls", stagnant),
    ]


def _service_levels(cells: Cells, cycles: pd.DataFrame) -> list[pd.DataFrame]:
    """A clock that still runs, or ended without what it waited for, is a breach once it is past its limit."""
    decision = (cycles.decision_clock - cycles.mql) / 3600, cycles.decided.notna()
    contact = (cycles.contact_clock - cycles.sal) / 3600, cycles.contact_clock.notna() & cycles.contacted.notna()
    return [
        cells.ratios(f"{name}_within_{limit}_hours", stopped & (hours <= limit), stopped | (hours > limit))
        for name, (hours, stopped) in (("sal_decision", decision), ("sal_contact", contact))
        for limit in SERVICE_HOURS
    ]


def _responses(cycles: pd.DataFrame, known: Known) -> list[pd.DataFrame]:
    """What sales rejected before it called asked for no answer."""
    asked = cycles[cycles.is_asked]
    cells = Cells(asked, asked.date, LEAD_SEGMENTS)
    waited, is_answered = (known.end - asked.mql) / 60, asked.minutes.notna()
    tables = [
        cells.durations("lead_response_minutes", asked.minutes),
        cells.sums("lead_response_minutes", ~is_answered, "open_count"),
    ]
    for name, limit in RESPONSE_MINUTES.items():
        due = is_answered | (waited > limit)
        tables.append(cells.ratios(f"lead_response_within_{name}", asked.minutes <= limit, due))
    tables.append(cells.ratios("lead_response_never", ~is_answered & (waited > limit), due))
    return tables


def _outcomes(cycles: pd.DataFrame, known: Known) -> list[pd.DataFrame]:
    age = (pd.Timestamp(known.company.end_date) - cycles.date).dt.days
    judged = cycles[cycles.is_asked & (age >= DAYS_TO_QUALIFY)]
    bounds = np.array(list(RESPONSE_MINUTES.values()))
    names = np.array([*(f"within_{name}" for name in RESPONSE_MINUTES), "later", "never"], dtype=object)
    place = np.where(judged.minutes.isna(), len(bounds) + 1, np.searchsorted(bounds, judged.minutes.fillna(0)))
    cells = Cells(judged.assign(response=names[place]), judged.date, {**LEAD_SEGMENTS, "response_bucket": "response"})
    is_qualified = judged.sql.notna() | judged.converted.notna()
    return [
        cells.ratios("lead_contact_rate", judged.answered.notna()),
        cells.ratios("lead_qualification_rate", is_qualified),
        *_lifts(judged.assign(qualification=is_qualified, contact=judged.answered.notna())),
    ]


def _lifts(judged: pd.DataFrame) -> list[pd.DataFrame]:
    """The share of those answered in time that came to something / that of those answered later."""
    told = judged[judged.minutes.notna()]
    cells, tables = Cells(told, told.date, LEAD_SEGMENTS), []
    for name, limit in RESPONSE_MINUTES.items():
        in_time = told.minutes <= limit
        for outcome in ("qualification", "contact"):
            kpi = f"{outcome}_lift_within_{name}"
            soon = cells.ratios(kpi, told[outcome] & in_time, in_time, 1)
            later = cells.ratios(kpi, told[outcome] & ~in_time, ~in_time)
            value = soon.value / later.value.where(later.value > 0)
            tables.append(soon.assign(value_kind="lift", value=value, numerator=soon.value, denominator=later.value))
    return tables
