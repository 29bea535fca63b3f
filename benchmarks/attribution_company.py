"""The simulated company as a file of journeys, up to the first inquiry of each account, and what truly caused those.

journeys, accounts = company_files("default", seed=1, size=16_384)
truth = company_truth("default", seed=1)
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from pipeline.demo.clock import epoch_seconds
from pipeline.demo.company import Company, found
from pipeline.demo.draws import draw
from pipeline.demo.effects import removal_worlds
from pipeline.demo.exposure import Response
from pipeline.demo.funnel import Funnel
from pipeline.demo.life import live
from pipeline.demo.log import Log
from pipeline.demo.people import blocks, settle
from pipeline.demo.rng import BLOCK_ACCOUNTS
from pipeline.demo.scenarios import world_of
from pipeline.demo.simulate import END_DATE
from pipeline.demo.story import Story
from pipeline.demo.touches import touches_of

OUTCOME = "inquiry"
#: Days of a company; the truth is that of other accounts than its own: so many blocks, of a seed of their own.
DAYS, TRUTH_BLOCKS, TRUTH_SEED = 365, 8, 991


@dataclass(frozen=True)
class Truth:
    """Per account: the chance of an inquiry within the days, and by channel what of it would be lost without that."""

    total: float
    lost: pd.Series


def company_of(scenario: str, seed: int, accounts: int) -> Company:
    """A company of the scenario that ran no experiment."""
    return found(seed, accounts, DAYS, END_DATE, replace(world_of(scenario), holdouts=()))


class _NeverInquiring(Funnel):
    """Nobody inquires; `none` (worlds, accounts) is the chance that nobody would have."""

    def __init__(self, *given) -> None:
        super().__init__(*given)
        self.none = np.ones(self.used.shape)

    def _inquire(self, day: int, lift: np.ndarray, response: Response, chances: np.ndarray) -> None:
        self.none *= 1 - np.clip(self._chance_to_inquire(lift, response), 0, 1)


def company_truth(scenario: str, seed: int) -> Truth:
    """What the company of this seed would lose without each channel.

    Its events are on its own days, as a fair at the end of the year has no time left to bring anything; the accounts
    are others. What reaches an account before its first inquiry does not depend on the chance of it, so that lives in
    which nobody ever inquires tell the chance that somebody would have, day by day; only the touches are drawn. Two
    such truths, of other accounts, are apart by less than 0.01 in total variation.
    """
    events = company_of(scenario, seed, BLOCK_ACCOUNTS).event_days
    company = replace(company_of(scenario, TRUTH_SEED, TRUTH_BLOCKS * BLOCK_ACCOUNTS), event_days=events)
    names, without = removal_worlds(company)
    worlds = np.vstack([np.ones((1, without.shape[1]), bool), without])
    reached = np.zeros(len(worlds))
    for block in range(TRUTH_BLOCKS):
        accounts, funnels = settle(company, block), []

        def funnel_of(*given, funnels: list = funnels) -> Funnel:
            funnels.append(_NeverInquiring(*given))
            return funnels[0]

        live(company, accounts, worlds, draws=draw(company.seed, accounts), funnel_of=funnel_of)
        reached += (1 - funnels[0].none).sum(axis=1) / company.accounts
    return Truth(float(reached[0]), pd.Series(reached[0] - reached[1:-1], names[:-1]))


def company_files(scenario: str, seed: int, size: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Journeys to the first inquiry of each account, and the risk set, as a company would record them."""
    company = company_of(scenario, seed, size)
    start = epoch_seconds(np.zeros(1), company.start_date)[0]
    end = start + DAYS * 86400
    journeys, risk = [], []
    for block in range(blocks(size)):
        accounts, log = settle(company, block), Log()
        live(company, accounts, log=log)
        story = Story.tell(company, accounts, log)
        events = story.events[story.events.kind == OUTCOME].groupby("account").second.min()
        converted = np.full(accounts.count, np.inf)
        converted[events.index] = events
        touches = touches_of(story)
        touches = touches[touches.is_recorded & (touches.second <= converted[touches.account])]
        identity = np.array([f"account {number}" for number in accounts.number])
        silent = events.index.difference(touches.account)
        rows = pd.concat([touches[["account", "second", "name"]], pd.DataFrame({"account": silent})])
        at = converted[rows.account.astype(int)]
        journeys.append(
            pd.DataFrame(
                {
                    "journey_id": identity[rows.account.astype(int)],
                    "account_id": identity[rows.account.astype(int)],
                    "touched_at": _instant(rows.second),
                    "channel": rows.name.to_numpy(),
                    "converted": np.isfinite(at),
                    "converted_at": _instant(at),
                }
            )
        )
        risk.append(
            pd.DataFrame(
                {
                    "account_id": identity,
                    "observed_from": pd.Timestamp(start, unit="s"),
                    "observed_until": _instant(np.minimum(converted, end)),
                    "industry": accounts.industry.astype(str),
                    "region": accounts.region.astype(str),
                    "employees": accounts.employees,
                }
            )
        )
    return pd.concat(journeys), pd.concat(risk)


def _instant(seconds: np.ndarray | pd.Series) -> np.ndarray:
    """Seconds since 1970 as instants; none where they are not finite."""
    known = np.isfinite(np.asarray(seconds, float))
    found = np.where(known, seconds, 0).astype("int64").astype("datetime64[s]")
    return np.where(known, found, np.datetime64("NaT", "s"))
