"""Sums and histograms over a block from which the true rates, lengths and values follow; blocks add up."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from pipeline.demo.deals import NEW, RENEWAL, TYPES
from pipeline.demo.story import Story

_DAY = 86400
#: Upper bounds (hours) of the response buckets that qualification is counted by.
RESPONSE_HOURS = (1.0, 4.0, 24.0, 72.0)


@dataclass
class Facts:
    """`counts` by name; `lengths` are histograms of whole days, the last bin open; `sums` other arrays that add up."""

    counts: dict[str, float] = field(default_factory=dict)
    lengths: dict[str, np.ndarray] = field(default_factory=dict)
    sums: dict[str, np.ndarray] = field(default_factory=dict)

    def add(self, other: "Facts") -> None:
        """Add another block's facts."""
        for name, value in other.counts.items():
            self.counts[name] = self.counts.get(name, 0) + value
        for name, histogram in other.lengths.items():
            self.lengths[name] = self.lengths.get(name, 0) + histogram
        for name, values in other.sums.items():
            self.sums[name] = self.sums.get(name, 0) + values


def facts_of(story: Story) -> Facts:
    """The facts of one block."""
    facts = Facts()
    days = story.company.days
    counts = story.events.kind.value_counts()
    for kind in ("inquiry", "lead_listed", "mql", "sal", "rejected", "sql", "recycled", "disqualified", "converted"):
        facts.counts[kind] = int(counts.get(kind, 0))
    deals = story.deals
    for number, name in enumerate(TYPES):
        of_type = deals[deals.type == number]
        key = name.lower().replace(" ", "_")
        facts.counts[f"{key}_opened"] = len(of_type)
        for outcome in ("won", "lost"):
            facts.counts[f"{key}_{outcome}"] = int((of_type.outcome == outcome).sum())
        facts.counts[f"{key}_won_usd"] = float(of_type.usd[of_type.outcome == "won"].sum())
        closed = of_type[of_type.outcome == "won"]
        facts.lengths[f"{key}_opened_to_won_days"] = _histogram(closed.closed - closed.created, days)
    _lead_lengths(story, facts)
    _customers(story, facts)
    _won_by_owner(story, facts)
    return facts


def _won_by_owner(story: Story, facts: Facts) -> None:
    """USD won per representative and month that lies wholly inside the period, (representatives, months)."""
    won = story.deals[story.deals.outcome == "won"]
    closed = won.closed.astype(np.int64).to_numpy().astype("datetime64[s]").astype("datetime64[M]").astype(int)
    first = np.datetime64(story.company.start_date, "M").astype(int) + 1
    month = closed - first
    count = story.company.days // 28 + 2
    values = np.zeros((story.company.executives.count, count))
    inside = (month >= 0) & (month < count)
    owner = story.accounts.executive[won.account.to_numpy()]
    np.add.at(values, (owner[inside], month[inside]), won.usd.to_numpy()[inside])
    facts.sums["won_usd_by_owner_month"] = values


def _histogram(seconds: pd.Series, days: int) -> np.ndarray:
    whole = np.floor(seconds.to_numpy(dtype=float) / _DAY).clip(0, days)
    return np.bincount(whole[np.isfinite(whole)].astype(int), minlength=days + 1)


def _lead_lengths(story: Story, facts: Facts) -> None:
    """Waits of each lead cycle, and how often a cycle qualified by how fast it was answered."""
    events = story.events[story.events.slot >= 0]
    cycles = events[events.cycle > 0].pivot_table(
        index=["account", "slot", "cycle"], columns="kind", values="second", aggfunc="min"
    )
    cycles = cycles.reindex(columns=["mql", "sal", "contact", "sql", "converted"])
    days = story.company.days
    facts.lengths["mql_to_sal_days"] = _histogram(cycles.sal - cycles.mql, days)
    facts.lengths["sal_to_sql_days"] = _histogram(cycles.sql - cycles.sal, days)
    facts.counts["mql_to_contact_hours"] = float(((cycles.contact - cycles.mql) / 3600).sum())
    accepted = cycles[cycles.sal.notna()]
    hours = ((accepted.contact - accepted.sal) / 3600).fillna(np.inf)
    bucket = np.searchsorted(RESPONSE_HOURS, hours, side="left")
    for k in range(len(RESPONSE_HOURS) + 1):
        inside = bucket == k
        label = f"within_{RESPONSE_HOURS[k]:g}_hours" if k < len(RESPONSE_HOURS) else "later_or_never"
        facts.counts[f"accepted_answered_{label}"] = int(inside.sum())
        facts.counts[f"qualified_answered_{label}"] = int(accepted.sql.notna()[inside].sum())


def _customers(story: Story, facts: Facts) -> None:
    """Customers won, months they stayed, and how many left."""
    deals = story.deals
    won = deals[(deals.outcome == "won") & (deals.type == NEW)].groupby("account").closed.min()
    left = deals[(deals.outcome == "lost") & (deals.type == RENEWAL)].groupby("account").closed.min()
    end = np.datetime64(story.company.end_date, "s").astype(np.int64) + _DAY
    until = left.reindex(won.index).fillna(end).clip(upper=end)
    facts.counts["customers_won"] = len(won)
    facts.counts["customers_lost"] = int(left.reindex(won.index).notna().sum())
    facts.counts["customer_days"] = float(((until - won) / _DAY).sum())
    facts.counts["customer_revenue_usd"] = float(deals.usd[deals.outcome == "won"].sum())
