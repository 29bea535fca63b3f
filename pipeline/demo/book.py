"""What happened, one frame a kind of thing, for the KPIs to be counted from; blocks are joined into the company's."""

from dataclasses import dataclass, fields

import numpy as np
import pandas as pd

from pipeline.demo.activity_extracts import Activity
from pipeline.demo.customer_extracts import case_frame, terms
from pipeline.demo.deal_extracts import deal_people, stage_events
from pipeline.demo.deals import TYPES
from pipeline.demo.lead_extracts import EXECUTIVE_USERS, MARKETING_USERS, SDR_USERS, lead_sources
from pipeline.demo.story import Story

#: Types of deals as the marts and the truth spell them.
TYPE_NAMES = tuple(name.lower().replace(" ", "_") for name in TYPES)
_DAY = 86400
_CYCLE_EVENTS = ("mql", "rejected", "sal", "contact", "sql", "recycled", "disqualified", "converted")


@dataclass
class Book:
    """Frames of all that is told; times are seconds since 1970 (UTC), NaN where there was none, amounts in `currency`.

    Accounts carry their number in the company, people the number of their account and of themselves (`member`).

    - `deals`: account, deal, type, owner (user number), created, closed, close_day (since 1970, expected while it is
      open), outcome (won, lost, open), stage, amount, currency, first_contact (of the earliest of its people)
    - `moves`: account, deal, type, owner, second, stage entered, amount at that time, currency
    - `lines`: account, deal, line, product (its number), quantity, list_price, discount (percent), total
    - `leads`: account, member, owner, created, source, is_listed, converted, deal (-1: none)
    - `cycles`: account, member, cycle, owner, source, the second of each stage reached, deal, reason (of rejection)
    - `tasks`: account, member, second, kind (see `Activity.task_frame`)
    - `meetings`: account, member, deal, booked, starts, over, outcome (0 held)
    - `first_meetings`: one row an account with touches that can be linked to it: owner, first_touched, booked, held,
      and how many of the touches were recorded before each
    - `cases`: account, owner (of the account), opened, closed, kind, number, score
    - `terms`: account, deal, type, starts, ends, amount (a year), currency, closed, cancelled
    """

    deals: pd.DataFrame
    moves: pd.DataFrame
    lines: pd.DataFrame
    leads: pd.DataFrame
    cycles: pd.DataFrame
    tasks: pd.DataFrame
    meetings: pd.DataFrame
    first_meetings: pd.DataFrame
    cases: pd.DataFrame
    terms: pd.DataFrame

    @classmethod
    def joined(cls, books: list["Book"]) -> "Book":
        """The book of all blocks."""
        names = [field.name for field in fields(cls)]
        return cls(**{name: pd.concat([getattr(b, name) for b in books], ignore_index=True) for name in names})


def book_of(story: Story, activity: Activity, touches: pd.DataFrame) -> Book:
    """The book of one block; `touches` with the records they left, as `narrate` has them."""
    numbers = story.accounts.number

    def of_company(frame: pd.DataFrame) -> pd.DataFrame:
        return frame.assign(account=numbers[frame.account.to_numpy()]).reset_index(drop=True)

    deals = _deals(story)
    moves = stage_events(story)[["account", "deal", "second", "stage", "amount", "row"]]
    about = deals.iloc[moves.row.to_numpy()]
    moves = moves.drop(columns="row").assign(**{c: about[c].to_numpy() for c in ("type", "owner", "currency")})
    lines = story.lines.assign(**{c: deals[c].to_numpy()[story.lines.row] for c in ("account", "deal")})
    has_price = stage_events(story).groupby("row").has_price.any().astype(bool)
    lines = lines[lines.row.isin(has_price.index[has_price])].drop(columns="row")
    columns = ["account", "member", "second", "kind"]
    return Book(
        deals=of_company(deals),
        moves=of_company(moves),
        lines=of_company(lines),
        leads=of_company(_leads(story)),
        cycles=of_company(_cycles(story)),
        tasks=of_company(activity.task_frame[columns]),
        meetings=of_company(activity.meeting_frame.drop(columns=["number", "luck"])),
        first_meetings=of_company(_first_meetings(story, activity.meeting_frame, touches)),
        cases=of_company(_cases(story)),
        terms=of_company(terms(story).assign(type=lambda t: np.array(TYPE_NAMES, dtype=object)[t.type])),
    )


def _deals(story: Story) -> pd.DataFrame:
    deals = story.deals
    now = stage_events(story).drop_duplicates("row", keep="last").set_index("row").reindex(range(len(deals)))
    people = deal_people(story)
    met = np.minimum(story.lead_created, story.contact_created)[people.account, people.who]
    end = _end(story)
    told = people.second.to_numpy() < end
    first = pd.Series(met[told]).groupby(people.row.to_numpy()[told]).min().reindex(range(len(deals)))
    return pd.DataFrame(
        {
            "account": deals.account,
            "deal": deals.deal,
            "type": np.array(TYPE_NAMES, dtype=object)[deals.type],
            "owner": EXECUTIVE_USERS + story.accounts.executive[deals.account],
            "created": deals.created,
            "closed": deals.closed,
            "close_day": now.close_day.to_numpy(),
            "outcome": deals.outcome.fillna("open"),
            "stage": now.stage.to_numpy(),
            "amount": now.amount.to_numpy(),
            "currency": deals.currency,
            "first_contact": first.to_numpy(),
        }
    )


def _cases(story: Story) -> pd.DataFrame:
    cases = case_frame(story)[["account", "opened", "closed", "kind", "number", "score"]]
    return cases.assign(owner=EXECUTIVE_USERS + story.accounts.executive[cases.account.to_numpy()])


def _leads(story: Story) -> pd.DataFrame:
    """A lead is marketing's until it is handed over."""
    leads = story.leads.rename(columns={"slot": "member"})
    handed_over = story.events[story.events.kind == "mql"].drop_duplicates(["account", "slot"])
    keys = pd.MultiIndex.from_frame(leads[["account", "member"]])
    is_with_sales = keys.isin(pd.MultiIndex.from_frame(handed_over[["account", "slot"]]))
    owner = np.where(is_with_sales, SDR_USERS + story.accounts.sdr[leads.account.to_numpy()], MARKETING_USERS)
    return leads.assign(owner=owner, source=lead_sources(story).to_numpy(zero_copy_only=False))


def _cycles(story: Story) -> pd.DataFrame:
    events = story.events[(story.events.slot >= 0) & (story.events.cycle > 0)]
    keys = ["account", "slot", "cycle"]
    cycles = events.pivot_table(index=keys, columns="kind", values="second", aggfunc="min")
    cycles = cycles.reindex(columns=list(_CYCLE_EVENTS))
    refused = events[events.kind == "rejected"].set_index(keys).code
    deal = events[events.kind == "converted"].set_index(keys).deal
    cycles = cycles.assign(reason=refused.reindex(cycles.index), deal=deal.reindex(cycles.index).fillna(-1))
    cycles = cycles.reset_index().rename(columns={"slot": "member"})
    sources = _leads(story).set_index(["account", "member"]).source
    source = sources.reindex(pd.MultiIndex.from_frame(cycles[["account", "member"]])).to_numpy()
    return cycles.assign(owner=SDR_USERS + story.accounts.sdr[cycles.account.to_numpy()], source=source)


def _end(story: Story) -> int:
    return int(np.datetime64(story.company.end_date, "s").astype(np.int64)) + _DAY


def _first_meetings(story: Story, meetings: pd.DataFrame, touches: pd.DataFrame) -> pd.DataFrame:
    """Touches count that say who it was (by an address, a cookie or a list) and whose account is in the CRM."""
    listed = (touches[["attendance", "task", "member_record"]] >= 0).any(axis=1)
    in_crm = story.account_created < _end(story)
    linked = touches[(touches.is_identified | listed) & in_crm[touches.account]]
    # A list and a form of one person on one day are one act to whoever reads both.
    key = linked[["account", "member"]].assign(day=linked.second // _DAY)
    filled = pd.MultiIndex.from_frame(key[linked.fill_second.notna()])
    on_list = ((linked.member_record >= 0) & linked.fill_second.isna()).to_numpy()
    linked = linked[~(on_list & pd.MultiIndex.from_frame(key).isin(filled))]
    # A list says the day of a response, and so do a quarter of the scans: they stand at its start.
    by_day = (linked.member_record >= 0) & (linked.session < 0)
    by_day |= (linked.attendance >= 0) & (linked.second % 4 == 0)
    second = linked.fill_second.fillna(linked.second).where(~by_day, linked.second // _DAY * _DAY)
    booked = meetings[meetings.booked < _end(story)].groupby("account").booked.min()
    held = meetings[(meetings.outcome == 0) & (meetings.over < _end(story))].groupby("account").starts.min()
    linked = pd.DataFrame({"account": linked.account, "second": second})
    linked = linked.assign(booked=linked.account.map(booked), held=linked.account.map(held))
    linked["before_booked"] = linked.second <= linked.booked
    linked["before_held"] = linked.second <= linked.held
    found = linked.groupby("account").agg(
        first_touched=("second", "min"), booked=("booked", "first"), held=("held", "first"),
        before_booked=("before_booked", "sum"), before_held=("before_held", "sum"),
    ).reset_index()  # fmt: skip
    return found.assign(owner=EXECUTIVE_USERS + story.accounts.executive[found.account])
