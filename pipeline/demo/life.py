"""Lives one block of accounts through all days."""

from collections.abc import Callable

import numpy as np

from pipeline.demo.company import Company
from pipeline.demo.deals import Deals
from pipeline.demo.draws import Draws, draw
from pipeline.demo.exposure import Exposure, Held
from pipeline.demo.funnel import Funnel
from pipeline.demo.log import Log
from pipeline.demo.people import LEAD_SLOTS, Accounts
from pipeline.demo.tally import Tally


def live(
    company: Company,
    accounts: Accounts,
    switched_on: np.ndarray | None = None,
    log: Log | None = None,
    replication: int = 0,
    held: list[Held] | None = None,
    draws: Draws | None = None,
    funnel_of: Callable[..., Funnel] = Funnel,
) -> Tally:
    """What happened to a block of accounts, in one world or in several side by side.

    `switched_on` is a boolean (worlds, channels), by default one world with all channels on. All
    worlds meet the same chances: those of `replication`, or `draws`. `held` replaces the company's own experiments.
    Events of the first world go to `log`.
    """
    world = company.world
    if switched_on is None:
        switched_on = np.ones((1, len(world.channels)), dtype=bool)
    draws = draws or draw(company.seed, accounts, replication)
    tally = Tally(len(switched_on), accounts.count)
    exposure = Exposure(company, accounts, switched_on, held)
    deals = Deals(company, accounts, draws, tally, log)
    funnel = funnel_of(company, accounts, draws, deals, tally, log)
    for day in range(company.days):
        chances = draws.day(LEAD_SLOTS + 2)
        in_market = ((accounts.market_starts <= day) & (day < accounts.market_ends)).any(axis=1)
        known = funnel.used > 0
        reached = exposure.reach(day, in_market, known, deals.has_open, draws.reach(len(world.channels)))
        exposure.add(reached)
        if log is not None:
            channel, account = np.nonzero(reached[:, 0])
            log.expose(day, account, channel, funnel.used[0, account])
        response = exposure.response(day)
        season = 1 + world.season_amplitude * np.cos(2 * np.pi * (company.day_of(day).timetuple().tm_yday - 80) / 182.6)
        lift = season * (1 + world.in_market_lift * in_market)
        funnel.day(day, lift, response, chances[:, 1:])
        deals.day(day, response, chances[:, 0])
    return tally
