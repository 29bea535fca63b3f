"""Randomised holdouts: what the arms of each experiment did, and the result a company would report."""

from dataclasses import dataclass

import numpy as np

from pipeline.demo.clock import epoch_seconds
from pipeline.demo.company import Company
from pipeline.demo.exposure import holdouts_of
from pipeline.demo.extract import Extract, extract
from pipeline.demo.facts import Facts
from pipeline.demo.people import Accounts
from pipeline.demo.story import Story

#: Conversions that results are reported for; stages later than these are too far from a window of weeks.
MEASURED = ("mql", "sal", "sql", "opportunity", "won")
#: Days after the window in which conversions still count: carry-over ends slowly.
AFTER_DAYS = 30
#: Accounts each arm needs for a result.
_FEWEST = 5
_DAY = 86400


@dataclass(frozen=True)
class Result:
    """Difference of the arms, scaled to the accounts that were reached: increment and its standard error."""

    treated: int
    held_out: int
    treated_conversions: float
    held_out_conversions: float
    increment: float
    standard_error: float


def result_of(treated: np.ndarray, held_out: np.ndarray) -> Result:
    """The result from (n, sum, sum of squares) of each arm's conversions per account.

    Increment = n_t (mean_t - mean_h); its variance is n_t^2 (s_t^2 / n_t + s_h^2 / n_h), Neyman (1923).
    """
    means, variances = [], []
    for n, total, squares in (treated, held_out):
        mean = total / n if n else 0.0
        means.append(mean)
        variances.append((squares - n * mean**2) / max(n - 1, 1) / n if n else np.inf)
    n = treated[0]
    return Result(
        int(n), int(held_out[0]), float(treated[1]), float(held_out[1]), float(n * (means[0] - means[1])),
        float(n * np.sqrt(sum(variances))),
    )  # fmt: skip


def arms_of(story: Story, facts: Facts) -> None:
    """Add to the facts, per experiment and conversion, (n, sum, sum of squares) of both arms of a block."""
    company, accounts = story.company, story.accounts
    events = story.events
    for holdout, (_, first, last, held) in zip(_run(company), holdouts_of(company, accounts), strict=True):
        at = (events.second - epoch_seconds(np.zeros(1), company.start_date)[0]) / _DAY
        inside = (at >= first) & (at < last + AFTER_DAYS)
        for kind in MEASURED:
            rows = events.account[inside & (events.kind == kind)].to_numpy()
            counts = np.bincount(rows, minlength=accounts.count)
            facts.sums[f"experiment:{holdout.name}:{kind}"] = arms(counts, held[0], accounts)


def arms(counts: np.ndarray, held: np.ndarray, accounts: Accounts) -> np.ndarray:
    """(n, sum, sum of squares) of treated and held-out accounts; accounts that nothing reaches are left out."""
    rows = []
    for arm in (~held & accounts.is_reached, held & accounts.is_reached):
        values = counts[arm].astype(float)
        rows.append((len(values), values.sum(), (values**2).sum()))
    return np.array(rows)


def _run(company: Company) -> list:
    names = {c.name for c in company.world.channels}
    return [holdout for holdout in company.world.holdouts if holdout.channel in names]


def results(company: Company, facts: Facts) -> Extract:
    """experiments/results: one row per experiment and conversion type, reported three weeks after the last day."""
    rows = []
    for holdout in _run(company):
        first, last = (int(share * company.days) for share in (holdout.first, holdout.last))
        for kind in MEASURED:
            both = facts.sums.get(f"experiment:{holdout.name}:{kind}")
            if both is not None and both[:, 0].min() >= _FEWEST:
                rows.append((holdout, first, last, kind, result_of(*both)))
    start = epoch_seconds(np.zeros(1), company.start_date)[0]
    days = np.array([(r[1], r[2]) for r in rows], dtype=np.int64).reshape(-1, 2)
    seconds = start + (days[:, 1] + AFTER_DAYS + 21) * _DAY + 43200
    found = [r[4] for r in rows]
    return extract(
        "experiments/results",
        seconds,
        {
            "experiment_id": np.array([r[0].name for r in rows], dtype=object),
            "channel": np.array([r[0].channel for r in rows], dtype=object),
            "conversion_type": np.array([r[3] for r in rows], dtype=object),
            "design": "account_holdout",
            "starts_on": start // _DAY + days[:, 0],
            "ends_on": start // _DAY + days[:, 1] - 1,
            "measured_until": start // _DAY + days[:, 1] + AFTER_DAYS - 1,
            "treated_units": np.array([f.treated for f in found]),
            "control_units": np.array([f.held_out for f in found]),
            "treated_conversions": np.array([f.treated_conversions for f in found]),
            "control_conversions": np.array([f.held_out_conversions for f in found]),
            "increment": np.array([round(f.increment, 6) for f in found]),
            "standard_error": np.array([round(f.standard_error, 6) for f in found]),
            "updated_at": seconds,
        },
    )
