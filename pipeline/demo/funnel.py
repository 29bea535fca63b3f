"""Leads: from an inquiry to a qualified lead, day by day, in parallel worlds.

A lead is a slot of its account, (worlds, accounts, slots). Hazards act once a day on the stocks
of that day; waits end at an exact time (local days).
"""

import numpy as np

from pipeline.demo.clock import working_time
from pipeline.demo.company import Company
from pipeline.demo.deals import NEW, Deals
from pipeline.demo.draws import CYCLES, Draws
from pipeline.demo.exposure import Response
from pipeline.demo.log import Log
from pipeline.demo.people import LEAD_SLOTS, Accounts
from pipeline.demo.tally import Tally, places
from pipeline.demo.world import STEPS

UNUSED, OPEN, MQL, SAL, SQL, REJECTED, RECYCLED, DISQUALIFIED, CONVERTED = range(9)
#: How ready a lead of each state is to (re-)qualify, times the mql hazard.
_READINESS = np.array([0, 1, 0, 0, 0, 0, 0.6, 0.12, 0], dtype=np.float32)
_INQUIRY, _MQL, _SAL, _SQL, _OPPORTUNITY = (STEPS.index(s) for s in STEPS[:5])

REJECTION_REASONS = ("Not a fit", "Bad contact data", "Student or competitor", "No budget", "Duplicate")
RECYCLE_REASONS = ("No timeline", "No response", "Budget frozen", "Not ready")
DISQUALIFY_REASONS = ("Chose competitor", "No project", "Wrong person", "Company closed")


class Funnel:
    """State of every lead slot; `day` moves it on by one day."""

    def __init__(self, company: Company, accounts: Accounts, draws: Draws, deals: Deals, tally: Tally, log: Log | None):
        shape = (tally.worlds, accounts.count, LEAD_SLOTS)
        self._world, self._accounts, self._draws, self._deals = company.world, accounts, draws, deals
        self._tally, self._log, self._weekday = tally, log, company.start_date.weekday()
        self._speed = company.sdrs.speed_hours[accounts.sdr] / 24.0
        self._skill = company.sdrs.skill[accounts.sdr]
        self.used = np.zeros(shape[:2], dtype=np.int8)
        self.state = np.zeros(shape, dtype=np.int8)
        self.due = np.full(shape, np.inf)
        self.cycle = np.zeros(shape, dtype=np.int8)
        self.contact_hours = np.zeros(shape, dtype=np.float32)
        self.skips = np.zeros(shape, dtype=bool)
        self._demand = np.exp(self._world.fit_slope * accounts.fit - self._world.fit_slope**2 / 2)

    def day(self, day: int, lift: np.ndarray, response: Response, chances: np.ndarray) -> None:
        """One day: `lift` (accounts) multiplies demand, `chances` are uniform (accounts, 1 + slots)."""
        self._list_leads(day)
        self._inquire(day, lift, response, chances[:, 0])
        self._qualify_for_marketing(day, lift, response, chances[:, 1:])
        self._decide(day, response)
        self._qualify_for_sales(day, response)
        self._open_deals(day, response)
        self._return_rejected(day)

    def _note(self, kind: str, at: np.ndarray, where: tuple, **values: np.ndarray | int) -> None:
        """Tell the log what happened in the first world."""
        if self._log is None or len(at) == 0:
            return
        first = where[0] == 0
        if first.any():
            cut = {name: v[first] if isinstance(v, np.ndarray) else v for name, v in values.items()}
            spot = tuple(axis[first] for axis in where)
            self._log.add(kind, at[first], spot[1], slot=spot[2], cycle=self.cycle[spot], **cut)

    def _cycle_of(self, where: tuple) -> tuple:
        return (where[1], where[2], np.minimum(self.cycle[where] - 1, CYCLES - 1))

    def _later(self, at: np.ndarray, days: np.ndarray) -> np.ndarray:
        return working_time(at + days * self._world.cycle_factor, self._weekday)

    def _list_leads(self, day: int) -> None:
        bought = (self._accounts.list_day == day) & (self.used < LEAD_SLOTS)
        where = self._take_slot(bought)
        if where is not None:
            self._note("lead_listed", np.full(len(where[0]), day + 0.3), where)

    def _take_slot(self, chosen: np.ndarray) -> tuple | None:
        w, i = places(chosen)
        if len(w) == 0:
            return None
        where = (w, i, self.used[w, i].astype(int))
        self.state[where] = OPEN
        self.used[w, i] += 1
        return where

    def _chance_to_inquire(self, lift: np.ndarray, response: Response) -> np.ndarray:
        return self._demand * lift * np.maximum(self._world.baseline["inquiry"] + response[_INQUIRY], 0)

    def _inquire(self, day: int, lift: np.ndarray, response: Response, chances: np.ndarray) -> None:
        hazard = self._chance_to_inquire(lift, response)
        where = self._take_slot((chances < hazard) & (self.used < LEAD_SLOTS))
        if where is None:
            return
        w, i, p = where
        at = day + 0.62 + 0.15 * chances[i] / hazard[w, i]
        self._note("inquiry", at, where)
        eager = self._world.hot_inquiry_index + 20 * response.at(_MQL, w, i)
        hot = self._draws.hot[i, p] < 1 - np.exp(-np.maximum(eager, 0))
        self._become_mql(at[hot] + 0.004, tuple(axis[hot] for axis in where))

    def _qualify_for_marketing(self, day: int, lift: np.ndarray, response: Response, chances: np.ndarray) -> None:
        ready = _READINESS[self.state]
        ready *= (self._demand * np.sqrt(lift) * np.maximum(self._world.baseline["mql"] + response[_MQL], 0))[..., None]
        where = places(chances < ready)
        if len(where[0]):
            self._become_mql(day + 0.62 + 0.15 * chances[where[1:]] / ready[where], where)

    def _become_mql(self, at: np.ndarray, where: tuple) -> None:
        if len(at) == 0:
            return
        self.cycle[where] += 1
        self.state[where] = MQL
        key = self._cycle_of(where)
        side = self._draws.side[key]
        wait = self._speed[where[1]] * 2 * np.exp(0.8 * self._draws.decision_wait[key]) + 0.003
        stagnant = side[:, 0] < self._world.stagnant_share
        self.skips[where] = side[:, 0] > 1 - self._world.skip_sal_share
        self.due[where] = np.where(stagnant, np.inf, self._later(at, wait))
        self._tally.count("mql", where)
        self._note("mql", at, where)

    def _take_due(self, day: int, state: int) -> tuple[tuple, np.ndarray] | None:
        where = places((self.state == state) & (self.due < day + 1))
        if len(where[0]) == 0:
            return None
        at = self.due[where]
        self.due[where] = np.inf
        return where, at

    def _decide(self, day: int, response: Response) -> None:
        taken = self._take_due(day, MQL)
        if taken is None:
            return
        where, at = taken
        key = self._cycle_of(where)
        i = where[1]
        index = self._world.baseline["sal"] + response.at(_SAL, where[0], i) + 0.25 * self._accounts.fit[i]
        accepted = self._draws.accept[key] < 1 - np.exp(-np.maximum(index, 0))
        self._accept(at[accepted], tuple(axis[accepted] for axis in where))
        no = ~accepted
        refused = tuple(axis[no] for axis in where)
        self.state[refused] = REJECTED
        self.due[refused] = self._later(at[no], 2 + 15 * self._draws.side[key][no, 1])
        reason = (self._draws.side[key][no, 2] * len(REJECTION_REASONS)).astype(int)
        self._note("rejected", at[no], refused, code=reason)

    def _accept(self, at: np.ndarray, where: tuple) -> None:
        if len(at) == 0:
            return
        key = self._cycle_of(where)
        side = self._draws.side[key]
        self.state[where] = SAL
        wait = self._speed[where[1]] * np.exp(0.9 * self._draws.contact_wait[key]) + 0.004
        contact = self._later(at, wait)
        never = side[:, 2] < 0.04
        self.contact_hours[where] = np.where(never, 400, (contact - at) * 24)
        work = 1 + 9 * np.exp(0.6 * self._draws.qualify_wait[key])
        self.due[where] = self._later(np.where(never, at + 14, contact), work)
        explicit = ~self.skips[where]
        said = tuple(axis[explicit] for axis in where)
        self._tally.count("sal", said)
        self._note("sal", at[explicit], said)
        spoke = tuple(axis[~never] for axis in where)
        self._note("contact", contact[~never], spoke)

    def _qualify_for_sales(self, day: int, response: Response) -> None:
        taken = self._take_due(day, SAL)
        if taken is None:
            return
        where, at = taken
        key = self._cycle_of(where)
        i = where[1]
        slow = self._world.response_slope * np.log1p(self.contact_hours[where])
        index = self._world.baseline["sql"] + response.at(_SQL, where[0], i) + 0.3 * self._accounts.fit[i]
        index = index + self._skill[i] - slow + self._world.response_slope
        good = self._draws.qualify[key] < 1 - np.exp(-np.maximum(index, 0.02 * (index > -1)))
        yes = tuple(axis[good] for axis in where)
        self.state[yes] = SQL
        wait = 0.2 + 2.5 * np.exp(0.7 * self._draws.deal_wait[key][good])
        self.due[yes] = self._later(at[good], wait)
        self._tally.count("sql", yes)
        self._note("sql", at[good], yes)
        self._give_up(at[~good], tuple(axis[~good] for axis in where))

    def _give_up(self, at: np.ndarray, where: tuple) -> None:
        side = self._draws.side[self._cycle_of(where)]
        dead = side[:, 1] < 0.35
        for kind, chosen, state, reasons in (
            ("disqualified", dead, DISQUALIFIED, DISQUALIFY_REASONS),
            ("recycled", ~dead, RECYCLED, RECYCLE_REASONS),
        ):
            those = tuple(axis[chosen] for axis in where)
            self.state[those] = state
            self._note(kind, at[chosen], those, code=(side[chosen, 2] * len(reasons)).astype(int))

    def _open_deals(self, day: int, response: Response) -> None:
        taken = self._take_due(day, SQL)
        if taken is None:
            return
        where, at = taken
        w, i, _ = where
        key = self._cycle_of(where)
        index = self._world.baseline["opportunity"] + response.at(_OPPORTUNITY, w, i) + self._skill[i]
        opens = self._draws.open_deal[key] < 1 - np.exp(-np.maximum(index, 0))
        keeps = ~opens & (self._draws.side[key][:, 2] < 0.4)
        gone = ~opens & ~keeps
        self._give_up(at[gone], tuple(axis[gone] for axis in where))
        ends = tuple(axis[~gone] for axis in where)
        self.state[ends] = CONVERTED
        deal = np.full(len(at), -1)
        order = np.flatnonzero(opens)
        deal[order] = self._deals.join_or_open(w[order], i[order], at[order], NEW)
        self._note("converted", at[~gone], ends, deal=deal[~gone])

    def _return_rejected(self, day: int) -> None:
        taken = self._take_due(day, REJECTED)
        if taken is None:
            return
        where, at = taken
        self.state[where] = RECYCLED
        side = self._draws.side[self._cycle_of(where)]
        self._note("recycled", at, where, code=(side[:, 1] * len(RECYCLE_REASONS)).astype(int))
