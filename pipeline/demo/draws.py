"""The chances an account meets, drawn once and met in every world: with a channel and without it."""

from dataclasses import dataclass, fields

import numpy as np

from pipeline.demo.people import LEAD_SLOTS, Accounts
from pipeline.demo.rng import stream

#: Cycles of a lead and deals of an account that have chances of their own; later ones share the last.
CYCLES = 6
DEALS = 14
STAGES = 5


@dataclass(frozen=True)
class Draws:
    """Chances of one block: fixed ones per lead cycle and deal, and daily ones from open streams."""

    accept: np.ndarray
    qualify: np.ndarray
    open_deal: np.ndarray
    side: np.ndarray
    decision_wait: np.ndarray
    contact_wait: np.ndarray
    qualify_wait: np.ndarray
    deal_wait: np.ndarray
    win: np.ndarray
    stage_wait: np.ndarray
    regress: np.ndarray
    size: np.ndarray
    discount: np.ndarray
    hot: np.ndarray
    #: Per life that is lived side by side: its open streams, of days and of exposures, and how many accounts it has.
    streams: tuple[tuple[np.random.Generator, np.random.Generator, int], ...]

    def day(self, columns: int) -> np.ndarray:
        """The next day's chances, uniform (accounts, columns)."""
        return np.concatenate([daily.random((n, columns), dtype=np.float32) for daily, _, n in self.streams])

    def reach(self, channels: int) -> np.ndarray:
        """The next day's chances to be reached, uniform (channels, accounts)."""
        parts = [exposure.random((channels, n), dtype=np.float32) for _, exposure, n in self.streams]
        return np.concatenate(parts, axis=1)

    @classmethod
    def side_by_side(cls, lives: list["Draws"]) -> "Draws":
        """Several lives as one: their accounts stand behind each other."""
        return cls(*(_joined([getattr(life, field.name) for life in lives]) for field in fields(cls)))


def draw(seed: int, accounts: Accounts, replication: int = 0) -> Draws:
    """All chances of a block; a `replication` > 0 is an independent life of the same accounts."""
    n = accounts.count

    def random(purpose: str) -> np.random.Generator:
        return stream(seed, accounts.block, purpose, replication)

    cycles = (n, LEAD_SLOTS, CYCLES)
    leads, waits, deals, sizes = (random(p) for p in ("lead decisions", "lead waits", "deal stages", "deal sizes"))
    return Draws(
        accept=leads.random(cycles),
        qualify=leads.random(cycles),
        open_deal=leads.random(cycles),
        side=leads.random((*cycles, 3)),
        hot=leads.random((n, LEAD_SLOTS)),
        decision_wait=waits.standard_normal(cycles),
        contact_wait=waits.standard_normal(cycles),
        qualify_wait=waits.standard_normal(cycles),
        deal_wait=waits.standard_normal(cycles),
        win=deals.random((n, DEALS, STAGES)),
        stage_wait=deals.standard_normal((n, DEALS, STAGES)),
        regress=deals.random((n, DEALS, STAGES)),
        size=sizes.standard_normal((n, DEALS)),
        discount=sizes.random((n, DEALS)),
        streams=((random("days"), random("exposures"), n),),
    )


def _joined(parts: list) -> np.ndarray | tuple:
    return sum(parts, ()) if isinstance(parts[0], tuple) else np.concatenate(parts)
