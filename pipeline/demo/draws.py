"""The chances an account meets, drawn once and met in every world: with a channel and without it."""

from dataclasses import dataclass

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
    daily: np.random.Generator
    exposure: np.random.Generator


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
        daily=random("days"),
        exposure=random("exposures"),
    )
