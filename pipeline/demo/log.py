"""The event log of the factual world: the one account of what happened that all else is told from."""

import numpy as np
import pandas as pd

#: Kinds of events, in the order in which they may follow each other at one instant.
KINDS = (
    "lead_listed", "inquiry", "mql", "rejected", "sal", "contact", "sql", "recycled", "disqualified", "converted",
    "opportunity", "stage", "won", "lost",
)  # fmt: skip
_CODES = {kind: code for code, kind in enumerate(KINDS)}
_COLUMNS = ("at", "account", "slot", "cycle", "deal", "code", "amount")


class Log:
    """Collects events day by day; `frame` gives them sorted by account and time."""

    def __init__(self) -> None:
        self._parts: dict[str, list[np.ndarray]] = {name: [] for name in ("kind", *_COLUMNS)}
        self._exposures: list[tuple[int, np.ndarray, np.ndarray, np.ndarray]] = []

    def add(self, kind: str, at: np.ndarray, account: np.ndarray, **values: np.ndarray | int | float) -> None:
        """Events of one kind at times `at` (local days) of `account` rows; values not given are -1."""
        self._parts["kind"].append(np.full(len(at), _CODES[kind], dtype=np.int8))
        given = {"at": at, "account": account, **values}
        for name in _COLUMNS:
            self._parts[name].append(np.broadcast_to(given.get(name, -1), len(at)).astype(np.float64))

    def expose(self, day: int, account: np.ndarray, channel: np.ndarray, known: np.ndarray) -> None:
        """Exposures of a day; `known` is how many of the account's people are leads by then."""
        if len(account):
            self._exposures.append((day, account.astype(np.int32), channel.astype(np.int8), known.astype(np.int8)))

    def frame(self) -> pd.DataFrame:
        """One row per event, by account and time: kind, at, account, slot, cycle, deal, code, amount."""
        parts = {name: np.concatenate(arrays) if arrays else np.empty(0) for name, arrays in self._parts.items()}
        order = np.lexsort((parts["kind"], parts["at"], parts["account"]))
        data = {name: values[order] for name, values in parts.items()}
        for name in ("account", "slot", "cycle", "deal", "code"):
            data[name] = data[name].astype(np.int64)
        data["kind"] = np.array(KINDS, dtype=object)[data["kind"].astype(int)]
        return pd.DataFrame(data)

    def exposures(self) -> pd.DataFrame:
        """One row per exposure, by account and day: day, account, channel (its number), known."""
        if not self._exposures:
            return pd.DataFrame({"day": [], "account": [], "channel": [], "known": []}, dtype=np.int64)
        days = np.concatenate([np.full(len(a), day, dtype=np.int32) for day, a, _, _ in self._exposures])
        account, channel, known = (np.concatenate([part[k] for part in self._exposures]) for k in (1, 2, 3))
        order = np.lexsort((channel, days, account))
        return pd.DataFrame(
            {"day": days[order], "account": account[order], "channel": channel[order], "known": known[order]}
        )
