"""Which channels brought each customer, by the full path of the touches before its first win."""

import numpy as np
import pandas as pd

from pipeline.demo.linked import JOURNEY_DAYS, acts_of
from pipeline.demo.story import NEVER, Story

_DAY = 86400
#: What the first touch, those when the lead and the deal were made, and the last have each; others share the rest.
_POSITION, _REST = 0.225, 0.1
#: The touch that made the first lead was that person's, not longer ago, and stamped at most so much later.
_LEAD_DAYS, _LATER_SECONDS = 90, 15 * 60
#: Between the lead and the deal: what a lead without a touch of its own falls to.
_STAGES = ("mql", "sal", "sql")


def channels_of_customers(story: Story, meetings: pd.DataFrame, linked: pd.DataFrame) -> pd.DataFrame:
    """One row a customer and channel: account, channel (`unattributed` where nothing is recorded), share of the win."""
    acts = acts_of(story, meetings, linked)
    deals = story.deals[story.deals.outcome == "won"]
    day = (deals.closed // _DAY).astype(np.int64)
    wins = deals.assign(day=day).sort_values(["account", "day", "deal"]).drop_duplicates("account")
    stages = story.events[story.events.kind.isin(_STAGES)]
    account, second = acts.account.to_numpy(), acts.second.to_numpy()
    channel, member = acts.channel.to_numpy(), acts.member.to_numpy()
    stage, entered = stages.kind.to_numpy(), stages.second.to_numpy()
    known = np.minimum(story.lead_created, story.contact_created)
    rows = []
    for win, touched, changed in zip(
        wins.itertuples(), _spans(account, wins), _spans(stages.account, wins), strict=True
    ):
        begin, end = win.created - JOURNEY_DAYS * _DAY, win.closed
        inside = np.arange(*touched)[(second[slice(*touched)] >= begin) & (second[slice(*touched)] <= end)]
        during = np.arange(*changed)[(entered[slice(*changed)] >= begin) & (entered[slice(*changed)] <= end)]
        person = int(known[win.account].argmin())
        created = known[win.account, person]
        made = (member[inside] == person) & (second[inside] <= created + _LATER_SECONDS)
        made &= (second[inside] >= created - _LEAD_DAYS * _DAY) & (created <= end)
        reached = [entered[during][stage[during] == name].min(initial=NEVER) for name in _STAGES]
        by_then = [second[inside] <= at for at in (*reached, win.created) if at < NEVER]
        share = _full_path(len(inside), [made, *by_then])
        for name in np.unique(channel[inside].astype(str)):
            rows.append((win.account, name, share[channel[inside] == name].sum()))
        if not len(inside):
            rows.append((win.account, "unattributed", 1.0))
    return pd.DataFrame(rows, columns=["account", "channel", "share"]).astype({"account": np.int64, "share": float})


def _spans(account: np.ndarray, wins: pd.DataFrame) -> zip:
    """Where the rows of each win's account begin and end; rows are in the order of accounts."""
    return zip(*np.searchsorted(account, [wins.account, wins.account + 1]), strict=True)


def _full_path(count: int, milestones: list[np.ndarray]) -> np.ndarray:
    """The share of each touch; milestones mark the touches up to each, first that of the lead, last that of the deal.

    What has no touch up to it falls to the next that has one, at last to the close.
    """
    last = [int(np.flatnonzero(until)[-1]) if until.any() else None for until in milestones]
    at_lead = next((place for place in last if place is not None), count - 1)
    at_deal = count - 1 if last[-1] is None else last[-1]
    places = (0, at_lead, at_deal, count - 1)
    others = np.setdiff1d(np.arange(count), places)
    share = np.zeros(count)
    for place in places if count else ():
        share[place] += _POSITION + (0 if len(others) else _REST / len(places))
    share[others] = _REST / max(len(others), 1)
    return share
