"""Channels: whom they reach each day, the stock that leaves behind, and what the stock does.

Arrays have the shape (channels, worlds, accounts): several worlds that differ by the channels
switched on live through the same chances side by side. Sums run over channels in their order, not
through a linear algebra library, so that a world's numbers never depend on its neighbours.
"""

import numpy as np

from pipeline.demo.company import Company
from pipeline.demo.people import Accounts
from pipeline.demo.rng import stream
from pipeline.demo.world import STEPS

#: A channel (its number) that accounts (worlds, accounts) are kept from, from a day until another.
Held = tuple[int, int, int, np.ndarray]


def holdouts_of(company: Company, accounts: Accounts) -> list[Held]:
    """The company's experiments in a block: who is held out is drawn for each experiment anew."""
    names = [c.name for c in company.world.channels]
    held = []
    for holdout in company.world.holdouts:
        if holdout.channel in names:
            chances = stream(company.seed, accounts.block, holdout.name).random(accounts.count)
            first, last = (int(share * company.days) for share in (holdout.first, holdout.last))
            held.append((names.index(holdout.channel), first, last, (chances < holdout.held_share)[None, :]))
    return held


class Exposure:
    """The state of all channels' stocks in a number of parallel worlds; `switched_on` is (worlds, channels)."""

    def __init__(self, company: Company, accounts: Accounts, switched_on: np.ndarray, held: list[Held] | None = None):
        world = company.world
        channels = world.channels
        self._channels = channels
        self._on = switched_on.T[:, :, None]
        self._base = self._reach(company, accounts)
        self._decay = _column([0.5 ** (1 / c.half_life_days) for c in channels])
        self._inverse_half = _column([1 / c.half_saturation for c in channels])
        self._intent = np.array([c.intent for c in channels], dtype=np.float32)[:, None]
        factors = np.array([world.regime_factors.get(c.name, 1.0) for c in channels])[:, None]
        effects = np.array([[c.effects.get(step, 0.0) for step in STEPS] for c in channels])
        self._effects, self._later_effects = _nonzero(effects), _nonzero(effects * factors)
        self._regime_day = world.regime_from * company.days
        names = [c.name for c in channels]
        self._pairs = [
            (names.index(a), names.index(b), STEPS.index(step), np.float32(effect))
            for a, b, step, effect in world.interactions
            if effect and a in names and b in names
        ]
        self._calendar = np.ones((company.days, len(channels)), dtype=np.float32)
        for k, channel in enumerate(channels):
            if channel.calendar:
                self._calendar[:, k] = 0.0
                self._calendar[company.event_days[channel.name], k] = 1.0
        self._held = holdouts_of(company, accounts) if held is None else held
        self._weekday = company.start_date.weekday()
        self.stock = np.zeros((len(channels), len(switched_on), accounts.count), dtype=np.float32)
        self._level = np.empty_like(self.stock)
        self._spare = np.empty_like(self.stock)

    @staticmethod
    def _reach(company: Company, accounts: Accounts) -> np.ndarray:
        """Exposures a day at rest, (channels, accounts); targeting moves them, the average account stays."""
        rates = [c.rate if c.calendar else c.rate / 365 for c in company.world.channels]
        slopes = np.array([c.targeting for c in company.world.channels])[:, None]
        lift = np.exp(slopes * accounts.fit - slopes**2 / 2)
        return (np.array(rates)[:, None] * lift * accounts.is_reached).astype(np.float32)

    def reach(self, day: int, in_market: np.ndarray, known: np.ndarray, has_deal: np.ndarray, chances: np.ndarray):
        """Who is reached by what on a day: a boolean (channels, worlds, accounts).

        `in_market` (accounts), `known` and `has_deal` (worlds, accounts) are the state that reach
        depends on; `chances` are uniform (channels, accounts).
        """
        is_weekend = (day + self._weekday) % 7 >= 5
        calendar = np.where(is_weekend, 0.3, 1.28) * self._calendar[day]
        today = self._base * np.where(in_market, self._intent, 1) * calendar[:, None].astype(np.float32)
        reached = (chances < today)[:, None, :] & self._on
        visits = None
        for k, channel in enumerate(self._channels):
            if channel.retargeting or channel.open_lift:
                if channel.retargeting and visits is None:
                    visits = np.tanh(sum(self.stock[j] for j, c in enumerate(self._channels) if c.is_web) * 0.3)
                lift = 1 + channel.open_lift * has_deal
                if channel.retargeting:
                    lift = lift + channel.retargeting * visits
                reached[k] = (chances[k] < today[k] * lift) & self._on[k]
            if channel.needs_known:
                reached[k] &= known
        for k, first, last, kept_from in self._held:
            if first <= day < last:
                reached[k] &= ~kept_from
        return reached

    def add(self, reached: np.ndarray) -> None:
        """One day passes: stocks decay, and exposures of the day join them."""
        self.stock *= self._decay
        self.stock += reached

    def response(self, day: int) -> "Response":
        """What the stocks add to each step today; to be asked before the next day passes."""
        level, spare = self._level, self._spare
        np.multiply(self.stock, self._inverse_half, out=level)
        for k, channel in enumerate(self._channels):
            for power in (2, 4):
                if channel.steepness >= power:
                    level[k] *= level[k]
        np.add(level, 1, out=spare)
        level /= spare
        return Response(level, self._later_effects if day >= self._regime_day else self._effects, self._pairs)


class Response:
    """What `level`, (channels, worlds, accounts), adds to each step; summed when asked for, most steps at few places.

    Sums run over channels in their order, so that a number is the same whichever way it is asked for.
    """

    def __init__(self, level: np.ndarray, effects: "_Effects", pairs: list[tuple[int, int, int, np.float32]]) -> None:
        self._level, self._effects, self._pairs = level, effects, pairs
        self._whole: dict[int, np.ndarray] = {}

    def __getitem__(self, step: int) -> np.ndarray:
        """Of every account in every world, (worlds, accounts)."""
        if step not in self._whole:
            self._whole[step] = self._sum(step, self._level)
        return self._whole[step]

    def at(self, step: int, world: np.ndarray, account: np.ndarray) -> np.ndarray:
        """At some places, one number each."""
        return self._sum(step, self._level[:, world, account])

    def _sum(self, step: int, level: np.ndarray) -> np.ndarray:
        total, part = np.zeros_like(level[0]), np.empty_like(level[0])
        for k, effect in self._effects[step]:
            np.multiply(level[k], effect, out=part)
            total += part
        for a, b, of_step, effect in self._pairs:
            if of_step == step:
                np.multiply(level[a], level[b], out=part)
                part *= effect
                total += part
        return total


def _column(values: list[float]) -> np.ndarray:
    return np.array(values, dtype=np.float32)[:, None, None]


#: Per step the channels that act on it, in their order, and how much.
_Effects = list[list[tuple[int, np.float32]]]


def _nonzero(effects: np.ndarray) -> _Effects:
    return [[(int(k), np.float32(of_step[k])) for k in np.flatnonzero(of_step)] for of_step in effects.T]
