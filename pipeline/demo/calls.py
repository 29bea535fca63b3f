"""Calls that representatives make at once when a lead is handed over."""

import numpy as np
import pandas as pd

from pipeline.demo.clock import epoch_seconds, working_time
from pipeline.demo.draws import CYCLES
from pipeline.demo.people import LEAD_SLOTS
from pipeline.demo.rng import stream
from pipeline.demo.story import Story

_DAY = 86400
#: Median of the wait, as a share of the representative's usual one.
_WAIT = 0.15


def calls_at_once(story: Story) -> pd.DataFrame:
    """Calls that reach nobody, soon after the hand-over of leads that will be accepted: account, slot, second.

    Quick representatives make more of them. They cause nothing: what qualifies is the contact after the acceptance.
    """
    events = story.events[(story.events.slot >= 0) & (story.events.cycle > 0)]
    cycles = events.pivot_table(index=["account", "slot", "cycle"], columns="kind", values="second", aggfunc="min")
    cycles = cycles.reindex(columns=["mql", "sal"]).dropna().reset_index()
    account, slot = cycles.account.to_numpy(), cycles.slot.to_numpy()
    random = stream(story.company.seed, story.accounts.block, "calls at once")
    shape = (story.accounts.count, LEAD_SLOTS, CYCLES)
    place = account, slot, np.minimum(cycles.cycle.to_numpy() - 1, CYCLES - 1)
    luck, wait = random.random(shape)[place], random.standard_normal(shape)[place]
    speed = story.company.sdrs.speed_hours[story.accounts.sdr[account]]
    start, offset = epoch_seconds(np.zeros(1), story.company.start_date)[0], story.accounts.utc_offset_days[account]
    local = (cycles.mql.to_numpy() - start) / _DAY + offset + _WAIT * speed / 24 * np.exp(1.2 * wait)
    at = working_time(local, story.company.start_date.weekday()) - offset
    second = epoch_seconds(at, story.company.start_date)
    made = (luck < 0.6 * np.exp(-speed / 6)) & (second < cycles.sal.to_numpy())
    return cycles[["account", "slot"]].assign(second=second)[made]
