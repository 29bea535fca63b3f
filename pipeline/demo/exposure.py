"""Channels: whom they reach each day, the stock that leaves behind, and what the stock does.

Arrays have the shape (worlds, accounts, channels): several worlds that differ by the channels
switched on live through the same chances side by side.
"""

import numpy as np

from pipeline.demo.company import Company
from pipeline.demo.people import Accounts
from pipeline.demo.world import STEPS


class Exposure:
    """The state of all channels' stocks in a number of parallel worlds."""

    def __init__(self, company: Company, accounts: Accounts, switched_on: np.ndarray):
        world = company.world
        channels = world.channels
        self.days = company.days
        self._on = switched_on[:, None, :]
        self._base = self._reach(company, accounts)
        self._decay = np.array([0.5 ** (1 / c.half_life_days) for c in channels], dtype=np.float32)
        self._inverse_half = np.array([1 / c.half_saturation for c in channels], dtype=np.float32)
        self._squared = np.array([i for i, c in enumerate(channels) if c.steepness >= 2], dtype=int)
        self._fourth = np.array([i for i, c in enumerate(channels) if c.steepness >= 4], dtype=int)
        self._intent = np.array([c.intent for c in channels], dtype=np.float32)
        self._retargeting = np.array([c.retargeting for c in channels], dtype=np.float32)
        self._open_lift = np.array([c.open_lift for c in channels], dtype=np.float32)
        self._needs_known = np.array([c.needs_known for c in channels])
        self._web = np.array([c.is_web for c in channels], dtype=np.float32)
        self._effects = np.array([[c.effects.get(step, 0.0) for step in STEPS] for c in channels], dtype=np.float32)
        factors = [world.regime_factors.get(c.name, 1.0) for c in channels]
        self._later_effects = self._effects * np.array(factors, dtype=np.float32)[:, None]
        self._regime_day = world.regime_from * company.days
        names = [c.name for c in channels]
        self._pairs = [
            (names.index(a), names.index(b), STEPS.index(step), effect)
            for a, b, step, effect in world.interactions
            if effect and a in names and b in names
        ]
        self._calendar = np.ones((company.days, len(channels)), dtype=np.float32)
        for k, channel in enumerate(channels):
            if channel.calendar:
                self._calendar[:, k] = 0.0
                self._calendar[company.event_days[channel.name], k] = 1.0
        self._weekday = company.start_date.weekday()
        self.stock = np.zeros((len(switched_on), accounts.count, len(channels)), dtype=np.float32)

    @staticmethod
    def _reach(company: Company, accounts: Accounts) -> np.ndarray:
        """Exposures a day at rest, (accounts, channels); targeting moves them, the average account stays."""
        rates = [c.rate if c.calendar else c.rate / 365 for c in company.world.channels]
        slopes = np.array([c.targeting for c in company.world.channels])
        lift = np.exp(slopes * accounts.fit[:, None] - slopes**2 / 2)
        return (np.array(rates) * lift * accounts.is_reached[:, None]).astype(np.float32)

    def reach(self, day: int, in_market: np.ndarray, known: np.ndarray, has_deal: np.ndarray, chances: np.ndarray):
        """Who is reached by what on a day: a boolean (worlds, accounts, channels).

        `in_market` (accounts), `known` and `has_deal` (worlds, accounts) are the state that reach
        depends on; `chances` are uniform (accounts, channels).
        """
        calendar = self._calendar[day] * (0.3 if (day + self._weekday) % 7 >= 5 else 1.28)
        today = self._base * np.where(in_market[:, None], self._intent, 1) * np.minimum(calendar, 1.28)
        visits = np.tanh(self.stock @ self._web * 0.3)[..., None]
        lifted = today * (1 + self._retargeting * visits + self._open_lift * has_deal[..., None])
        reached = (chances < lifted) & self._on
        reached &= known[..., None] | ~self._needs_known
        return reached

    def add(self, reached: np.ndarray) -> None:
        """One day passes: stocks decay, and exposures of the day join them."""
        self.stock *= self._decay
        self.stock += reached

    def response(self, day: int) -> np.ndarray:
        """What the stocks add to each step today: (worlds, accounts, steps)."""
        level = self.stock * self._inverse_half
        level[..., self._squared] *= level[..., self._squared]
        level[..., self._fourth] *= level[..., self._fourth]
        level /= 1 + level
        total = level @ (self._later_effects if day >= self._regime_day else self._effects)
        for a, b, step, effect in self._pairs:
            total[..., step] += effect * level[..., a] * level[..., b]
        return total
