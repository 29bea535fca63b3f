"""Touches that say whose they were, as whoever has all the records would read them, and what they tell of accounts."""

import numpy as np
import pandas as pd

from pipeline.demo.story import Story

_DAY = 86400
#: How far back from its opening a deal's journey is looked at.
JOURNEY_DAYS = 365
#: Kinds of records a touch leaves, in the order of their ids as texts, and which of them is read first at one instant.
_KINDS = {
    "ad_click": 5, "email": 4, "attendance": 2, "response": 0, "reply": 1, "form_fill": 3, "session": 6,
}  # fmt: skip


def linked_touches(story: Story, touches: pd.DataFrame) -> pd.DataFrame:
    """One row an act that says who it was, by an address, a cookie or a list.

    Columns: account, member, second, channel, is_marketing (all but answers to representatives), in_crm (whether the
    account is, so that the act is linked to it too), and the order of acts at one instant: `place` in a journey,
    `text_place` by their ids.
    """
    listed = (touches[["attendance", "task", "member_record"]] >= 0).any(axis=1)
    linked = touches[touches.is_identified | listed]
    # A list and a form of one person on one day are one act to whoever reads both.
    key = linked[["account", "member"]].assign(day=linked.second // _DAY)
    filled = pd.MultiIndex.from_frame(key[linked.fill_second.notna()])
    on_list = ((linked.member_record >= 0) & linked.fill_second.isna()).to_numpy()
    linked = linked[~(on_list & pd.MultiIndex.from_frame(key).isin(filled))]
    # A list says the day of a response, and so do a quarter of the scans: they stand at its start.
    by_day = (linked.member_record >= 0) & (linked.session < 0)
    by_day |= (linked.attendance >= 0) & (linked.second % 4 == 0)
    kind = np.select(
        [linked.fill_second.notna(), linked.mail >= 0, linked.click >= 0, linked.task >= 0, linked.attendance >= 0,
         linked.member_record >= 0],
        [list(_KINDS).index(name) for name in ("form_fill", "email", "ad_click", "reply", "attendance", "response")],
        list(_KINDS).index("session"),
    )  # fmt: skip
    return pd.DataFrame(
        {
            "account": linked.account,
            "member": linked.member,
            "second": linked.fill_second.fillna(linked.second).where(~by_day, linked.second // _DAY * _DAY),
            "channel": linked["name"],
            "is_marketing": linked.task < 0,
            "in_crm": (story.account_created < story.end)[linked.account],
            "place": np.array(list(_KINDS.values()))[kind],
            "text_place": kind,
        }
    ).reset_index(drop=True)


def first_meetings(story: Story, meetings: pd.DataFrame, linked: pd.DataFrame) -> pd.DataFrame:
    """One row an account with linked touches: first_touched, first_channel, booked, held, touches before each."""
    linked = linked[linked.in_crm]
    booked = meetings[meetings.booked < story.end].groupby("account").booked.min()
    held = _held(story, meetings).groupby("account").starts.min()
    first = linked.sort_values(["second", "text_place"], kind="stable").drop_duplicates("account")
    linked = linked.assign(booked=linked.account.map(booked), held=linked.account.map(held))
    linked["before_booked"] = linked.second <= linked.booked
    linked["before_held"] = linked.second <= linked.held
    found = linked.groupby("account").agg(
        first_touched=("second", "min"), booked=("booked", "first"), held=("held", "first"),
        before_booked=("before_booked", "sum"), before_held=("before_held", "sum"),
    ).reset_index()  # fmt: skip
    return found.assign(first_channel=found.account.map(first.set_index("account").channel))


def sources_of_deals(story: Story, meetings: pd.DataFrame, linked: pd.DataFrame) -> pd.DataFrame:
    """Per deal (row of `story.deals`): channel and is_sourced of the first touch of its journey, is_influenced.

    A journey holds what touched the account in the year before the deal was opened, meetings with sales too, and
    nothing of before its last win. `channel` is missing where there was nothing, is_sourced says marketing began it.
    """
    acts = acts_of(story, meetings, linked)
    deals = story.deals
    account, created = deals.account.to_numpy(), deals.created.to_numpy()
    begins = np.maximum(created - JOURNEY_DAYS * _DAY, _last_wins(deals) + 1)
    # Seconds since 1970 need 33 bits.
    key = (acts.account.to_numpy().astype(np.int64) << 33) + acts.second.to_numpy().astype(np.int64)
    first = np.searchsorted(key, (account << 33) + begins, side="left")
    after = np.searchsorted(key, (account << 33) + created, side="right")
    is_marketing = np.append(acts.is_marketing.to_numpy(dtype=bool), False)
    marketing = np.concatenate([[0], np.cumsum(is_marketing)])
    has_any = first < after
    spot = np.minimum(first, len(acts))
    channel = np.append(acts.channel.to_numpy(dtype=object), None)[spot]
    return pd.DataFrame(
        {
            "channel": np.where(has_any, channel, None),
            "is_sourced": has_any & is_marketing[spot],
            "is_influenced": marketing[after] > marketing[first],
        }
    )


def acts_of(story: Story, meetings: pd.DataFrame, linked: pd.DataFrame) -> pd.DataFrame:
    """Linked touches and held meetings of accounts in the CRM, in the order of journeys."""
    held = _held(story, meetings)
    met = held[["account", "member"]].assign(
        second=held.starts, channel="sales_meeting", is_marketing=False, place=-1
    )  # fmt: skip
    acts = pd.concat([linked.loc[linked.in_crm, list(met.columns)], met], ignore_index=True)
    return acts.sort_values(["account", "second", "place"], kind="stable", ignore_index=True)


def _held(story: Story, meetings: pd.DataFrame) -> pd.DataFrame:
    """A meeting is known to have been held once it is over."""
    return meetings[(meetings.outcome == 0) & (meetings.over < story.end)]


def _last_wins(deals: pd.DataFrame) -> np.ndarray:
    """The second of the last win of each deal's account before the deal was opened; 0 where there was none."""
    wins = deals[deals.outcome == "won"][["account", "closed"]].astype(np.int64).sort_values(["account", "closed"])
    key = (wins.account.to_numpy() << 33) + wins.closed.to_numpy()
    asked = deals.account.to_numpy().astype(np.int64) << 33
    spot = np.searchsorted(key, asked + deals.created.to_numpy(), side="right") - 1
    found = np.append(key, -1)[spot] if len(key) else np.full(len(deals), -1)
    return np.where((spot >= 0) & (found >= asked), found - asked, 0)
