"""Deals: new business, expansions and renewals, stage by stage, in parallel worlds.

An account has two tracks, (worlds, accounts, tracks): one for new business and expansion, one
for renewals. A won deal starts or changes a subscription, which falls due once a year.
"""

import numpy as np

from pipeline.demo.clock import working_time
from pipeline.demo.company import Company
from pipeline.demo.draws import DEALS, Draws
from pipeline.demo.exposure import Response
from pipeline.demo.log import Log
from pipeline.demo.people import Accounts
from pipeline.demo.tally import Tally, places
from pipeline.demo.world import STEPS

NEW, EXPANSION, RENEWAL = range(3)
TYPES = ("New Business", "Expansion", "Renewal")
STAGES = ("Discovery", "Evaluation", "Proposal", "Negotiation", "Closed Won", "Closed Lost")
LOSS_REASONS = ("Price", "Competitor", "No decision", "Missing feature", "Timing")
#: Median days in each stage of a new deal.
_STAGE_DAYS = np.array([9.0, 16.0, 12.0, 9.0])
_INQUIRY, _WON = STEPS.index("inquiry"), STEPS.index("won")
TERM_DAYS = 365.0
RENEWAL_LEAD_DAYS = 90.0


class Deals:
    """State of every deal and subscription; `day` moves them on by one day."""

    def __init__(self, company: Company, accounts: Accounts, draws: Draws, tally: Tally, log: Log | None):
        shape = (tally.worlds, accounts.count, 2)
        self._world, self._accounts, self._draws = company.world, accounts, draws
        self._tally, self._log, self._weekday = tally, log, company.start_date.weekday()
        self._skill = company.executives.skill[accounts.executive]
        self._pace = (company.executives.speed_hours[accounts.executive] / 12.0) ** 0.3
        self.stage = np.zeros(shape, dtype=np.int8)
        self.due = np.full(shape, np.inf)
        self.number = np.zeros(shape, dtype=np.int16)
        self.kind = np.zeros(shape, dtype=np.int8)
        self.amount = np.zeros(shape)
        self.opened = np.zeros(shape[:2], dtype=np.int16)
        self.recurring = np.zeros(shape[:2])
        self.renews_at = np.full(shape[:2], np.inf)

    @property
    def has_open(self) -> np.ndarray:
        """Whether a deal of any kind is open, (worlds, accounts)."""
        return (self.stage > 0).any(axis=2)

    def day(self, day: int, response: Response, chances: np.ndarray) -> None:
        """One day: expansions and renewals start, stages end; `chances` are uniform (accounts)."""
        self._expand(day, response, chances)
        self._renew(day)
        self._advance(day, response)

    def join_or_open(self, w: np.ndarray, i: np.ndarray, at: np.ndarray, kind: int) -> np.ndarray:
        """The number of each account's open deal, after opening one where there is none.

        Leads of one account that come at once end in the same deal.
        """
        first = np.unique(w * self._accounts.count + i, return_index=True)[1]
        opening = first[self.stage[w[first], i[first], 0] == 0]
        ow, oi = w[opening], i[opening]
        kinds = np.where((kind == NEW) & (self.recurring[ow, oi] > 0), EXPANSION, kind)
        self._open((ow, oi, np.zeros(len(ow), dtype=int)), at[opening], kinds)
        return self.number[w, i, 0].astype(int)

    def _open(self, where: tuple, at: np.ndarray, kind: np.ndarray) -> None:
        if len(at) == 0:
            return
        w, i, _ = where
        number = self.opened[w, i]
        self.opened[w, i] += 1
        key = (i, np.minimum(number, DEALS - 1))
        noise = self._draws.size[key]
        size = self._accounts.deal_size[i] * np.exp(0.45 * noise)
        renewed = self.recurring[w, i] * np.clip(1.04 + 0.15 * noise, 0.6, 1.5)
        self.amount[where] = np.select([kind == RENEWAL, kind == EXPANSION], [renewed, size * 0.35], size)
        self.stage[where] = np.where(kind == RENEWAL, 3, 1)
        self.number[where] = number
        self.kind[where] = kind
        self.due[where] = self._next(where, at)
        self._tally.count("opportunity", where)
        self._note("opportunity", at, where, code=kind)

    def _next(self, where: tuple, at: np.ndarray) -> np.ndarray:
        _, i, track = where
        stage = self.stage[where] - 1
        noise = self._draws.stage_wait[i, np.minimum(self.number[where], DEALS - 1), stage]
        days = np.where(track == 1, 38.0, _STAGE_DAYS[stage] * (self.amount[where] / 12000.0).clip(0.3, 20) ** 0.25)
        factor = np.where(track == 1, 1.0, self._world.cycle_factor)
        return working_time(at + days * self._pace[i] * factor * np.exp(0.5 * noise), self._weekday)

    def _note(self, kind: str, at: np.ndarray, where: tuple, code: np.ndarray | int = -1) -> None:
        if self._log is None or len(at) == 0:
            return
        first = where[0] == 0
        if first.any():
            spot = tuple(axis[first] for axis in where)
            code = code[first] if isinstance(code, np.ndarray) else code
            self._log.add(kind, at[first], spot[1], deal=self.number[spot], code=code, amount=self.amount[spot])

    def _expand(self, day: int, response: Response, chances: np.ndarray) -> None:
        hazard = self._world.expansion_per_day + 0.3 * np.maximum(response[_INQUIRY], 0)
        asks = (self.recurring > 0) & (self.stage[..., 0] == 0) & (chances < hazard)
        w, i = places(asks)
        if len(w):
            at = working_time(day + 0.4 + 0.3 * chances[i] / hazard[w, i], self._weekday)
            self._open((w, i, np.zeros(len(w), dtype=int)), at, np.full(len(w), EXPANSION))

    def _renew(self, day: int) -> None:
        due = (self.renews_at - RENEWAL_LEAD_DAYS < day) & (self.stage[..., 1] == 0)
        w, i = places(due)
        if len(w):
            at = working_time(np.maximum(self.renews_at[w, i] - RENEWAL_LEAD_DAYS, day), self._weekday)
            self.renews_at[w, i] += TERM_DAYS
            self._open((w, i, np.ones(len(w), dtype=int)), at, np.full(len(w), RENEWAL))

    def _advance(self, day: int, response: Response) -> None:
        where = places((self.stage > 0) & (self.due < day + 1))
        if len(where[0]) == 0:
            return
        at = self.due[where]
        w, i, _ = where
        stage, kind = self.stage[where], self.kind[where]
        key = (i, np.minimum(self.number[where], DEALS - 1), stage - 1)
        pull = response.at(_WON, w, i)
        index = np.where(
            kind == RENEWAL,
            self._world.renewal_index + 0.5 * pull + 0.2 * self._accounts.fit[i],
            self._world.baseline["won"] + pull + 0.15 * self._accounts.fit[i] + 0.3 * (kind == EXPANSION),
        )
        stays = self._draws.win[key] < 1 - np.exp(-np.maximum(index + self._skill[i], 0))
        back = stays & (stage >= 2) & (stage <= 3) & (kind != RENEWAL) & (self._draws.regress[key] < 0.04)
        won = stays & (stage == 4) & ~back
        self._close(where, at, ~stays, "lost")
        self._close(where, at, won, "won")
        moves = stays & ~won
        those = tuple(axis[moves] for axis in where)
        self.stage[those] = np.where(back[moves], stage[moves] - 1, stage[moves] + 1)
        # A stage that was gone through twice is not left backwards again: its second wait is the same draw.
        self.due[those] = self._next(those, at[moves])
        self._note("stage", at[moves], those, code=self.stage[those].astype(int) - 1)

    def _close(self, where: tuple, at: np.ndarray, chosen: np.ndarray, kind: str) -> None:
        those = tuple(axis[chosen] for axis in where)
        w, i, _ = those
        if len(w) == 0:
            return
        at = at[chosen]
        amount, of_type = self.amount[those], self.kind[those]
        reason = (self._draws.discount[i, np.minimum(self.number[those], DEALS - 1)] * len(LOSS_REASONS)).astype(int)
        self._note(kind, at, those, code=reason if kind == "lost" else -1)
        self.stage[those] = 0
        self.due[those] = np.inf
        renewal = of_type == RENEWAL
        if kind == "lost":
            self.recurring[w[renewal], i[renewal]] = 0
            self.renews_at[w[renewal], i[renewal]] = np.inf
            return
        self._tally.count("won", those)
        self._tally.count("revenue", those, amount)
        starts = ~renewal & np.isinf(self.renews_at[w, i])
        self.renews_at[w[starts], i[starts]] = at[starts] + TERM_DAYS
        grows = ~renewal
        np.add.at(self.recurring, (w[grows], i[grows]), amount[grows])
        self.recurring[w[renewal], i[renewal]] = amount[renewal]
