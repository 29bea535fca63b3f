"""Leads that died: disqualified, or silent for long; a touch brings them back, and they may die again."""

import numpy as np
import pandas as pd

from pipeline.demo.activity_extracts import Activity
from pipeline.demo.identity import MEMBERS
from pipeline.demo.story import Story

_DAY = 86400
#: Days without a touch, a call, a meeting or a change of stage after which a lead is dead.
SILENT_DAYS = 90
#: A person and a day as one number: days since 1970 need fewer bits.
_BITS = 20


def deaths(story: Story, activity: Activity, linked: pd.DataFrame) -> pd.DataFrame:
    """One row a death of a lead that has no deal: account, member, day (since 1970), cause, is_re_engaged.

    Deaths with no touch between them are one, dated by the first: who was disqualified and is silent then died once.
    """
    meetings = activity.meeting_frame
    held = meetings[(meetings.outcome == 0) & (meetings.over < story.end)].rename(columns={"starts": "second"})
    touched = np.union1d(_days(linked), _days(held))
    # What changes a lead's stage; to be converted without a deal is no stage.
    stages = story.events[(story.events.slot >= 0) & ~story.events.kind.isin(["contact", "converted"])]
    stages = stages.rename(columns={"slot": "member"})
    signs = np.unique(np.concatenate([touched, _days(stages), _days(activity.task_frame)]))
    person, day = signs >> _BITS, signs & ((1 << _BITS) - 1)
    following = np.append(day[1:], 0)
    is_last = np.append(person[1:] != person[:-1], True)[: len(person)]
    today = story.end // _DAY - 1
    silent = np.where(is_last, today, following) > day + SILENT_DAYS
    lost = _days(stages[stages.kind == "disqualified"])
    died = np.concatenate([signs[silent] + SILENT_DAYS, lost])
    order = np.argsort(died, kind="stable")
    cause = np.repeat(np.array(["silent", "disqualified"], dtype=object), [silent.sum(), len(lost)])[order]
    died = died[order]
    # Touches up to a death number the lives that a person has had.
    life = np.searchsorted(touched, died, side="right")
    next_touch = np.append(touched, -1)[life]
    found = pd.DataFrame(
        {
            "account": (died >> _BITS) // MEMBERS,
            "member": (died >> _BITS) % MEMBERS,
            "day": died & ((1 << _BITS) - 1),
            "cause": cause,
            "is_re_engaged": next_touch >> _BITS == died >> _BITS,
            "life": life,
        }
    ).drop_duplicates(["account", "member", "life"])
    leads = story.leads.rename(columns={"slot": "member"})
    found = found.drop(columns="life").merge(
        leads[["account", "member", "converted", "deal"]], on=["account", "member"]
    )
    has_deal = (found.deal >= 0) & (found.converted // _DAY <= found.day)
    return found[~has_deal].drop(columns=["converted", "deal"]).reset_index(drop=True)


def _days(acts: pd.DataFrame) -> np.ndarray:
    """The person and day of each act (account, member, second) as numbers in order, each once."""
    person = acts.account.to_numpy().astype(np.int64) * MEMBERS + acts.member.to_numpy().astype(np.int64)
    return np.unique((person << _BITS) + acts.second.to_numpy().astype(np.int64) // _DAY)
