"""Counts of what happened in each parallel world, per account."""

import numpy as np

#: What is counted; the last is an amount in USD at plan rates.
OUTCOMES = ("mql", "sal", "sql", "opportunity", "won", "revenue")


class Tally:
    """Counts by world, account and outcome: `values` is (worlds, accounts, outcomes)."""

    def __init__(self, worlds: int, accounts: int) -> None:
        self.worlds = worlds
        self.values = np.zeros((worlds, accounts, len(OUTCOMES)))

    def count(self, outcome: str, where: tuple, amount: np.ndarray | float = 1.0) -> None:
        """Add `amount` (default one) for each place (world, account, …)."""
        np.add.at(self.values, (where[0], where[1], OUTCOMES.index(outcome)), amount)


def places(mask: np.ndarray) -> tuple[np.ndarray, ...]:
    """Where a mask holds, one index array an axis; quicker than `nonzero` when that is rarely."""
    return np.unravel_index(np.flatnonzero(mask), mask.shape)
