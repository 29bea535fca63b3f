"""What happened, one frame a kind of thing, for the KPIs to be counted from; blocks are joined into the company's."""

from dataclasses import dataclass, fields

import numpy as np
import pandas as pd

from pipeline.demo.activity_extracts import Activity
from pipeline.demo.answers import first_acts
from pipeline.demo.company import INDUSTRIES, REGIONS, SEGMENTS
from pipeline.demo.customer_extracts import case_frame, terms
from pipeline.demo.deal_extracts import deal_people, deal_sources, stage_events
from pipeline.demo.deals import TYPES
from pipeline.demo.first_wins import channels_of_customers
from pipeline.demo.lead_extracts import EXECUTIVE_USERS, MARKETING_USERS, SDR_USERS, lead_sources
from pipeline.demo.linked import first_meetings, linked_touches, sources_of_deals
from pipeline.demo.silence import deaths
from pipeline.demo.story import Story

#: Types of deals as the marts and the truth spell them.
TYPE_NAMES = tuple(name.lower().replace(" ", "_") for name in TYPES)
_CYCLE_EVENTS = ("mql", "rejected", "sal", "contact", "sql", "recycled", "disqualified", "converted")


@dataclass
class Book:
    """Frames of all that is told; times are seconds since 1970 (UTC), NaN where there was none, amounts in `currency`.

    Accounts carry their number in the company, people the number of their account and of themselves (`member`).

    - `accounts`: account, industry, employees, region, account_segment; of those in the CRM
    - `deals`: account, deal, type, owner (user number), source, created, closed, close_day (since 1970, expected while
      it is open), outcome (won, lost, open), stage, amount, currency, first_contact (of the earliest of its people),
      channel, is_sourced and is_influenced (see `sources_of_deals`)
    - `moves`: account, deal, type, owner, second, stage entered, amount at that time, currency
    - `lines`: account, deal, line, product (its number), quantity, list_price, discount (percent), total
    - `leads`: account, member, owner, created, source, is_listed, converted, deal (-1: none)
    - `cycles`: account, member, cycle, owner, source, the second of each stage reached, deal, reason (of rejection),
      and of the first acts in it (see `first_acts`)
    - `deaths`: account, member, day, cause, is_re_engaged (see `deaths`)
    - `brought`: account, channel, share (see `channels_of_customers`)
    - `first_meetings`: one row an account with touches that can be linked to it: owner, first_touched, first_channel,
      booked, held, and how many of the touches were recorded before each
    - `cases`: account, owner (of the account), opened, closed, kind, number, score
    - `terms`: account, deal, type, starts, ends, amount (a year), currency, closed, cancelled
    """

    accounts: pd.DataFrame
    deals: pd.DataFrame
    moves: pd.DataFrame
    lines: pd.DataFrame
    leads: pd.DataFrame
    cycles: pd.DataFrame
    deaths: pd.DataFrame
    brought: pd.DataFrame
    first_meetings: pd.DataFrame
    cases: pd.DataFrame
    terms: pd.DataFrame

    @classmethod
    def joined(cls, books: list["Book"]) -> "Book":
        """The book of all blocks, whose own are given up one frame after another: a large company's are large."""
        frames = {}
        for name in (field.name for field in fields(cls)):
            frames[name] = pd.concat([getattr(book, name) for book in books], ignore_index=True)
            for book in books:
                delattr(book, name)
        return cls(**frames)


def book_of(story: Story, activity: Activity, touches: pd.DataFrame) -> Book:
    """The book of one block; `touches` with the records they left, as `narrate` has them."""
    numbers = story.accounts.number

    def of_company(frame: pd.DataFrame) -> pd.DataFrame:
        return frame.assign(account=numbers[frame.account.to_numpy()]).reset_index(drop=True)

    linked = linked_touches(story, touches)
    deals = _deals(story, sources_of_deals(story, activity.meeting_frame, linked))
    first = first_meetings(story, activity.meeting_frame, linked)
    moves = stage_events(story)[["account", "deal", "second", "stage", "amount", "row"]]
    about = deals.iloc[moves.row.to_numpy()]
    moves = moves.drop(columns="row").assign(**{c: about[c].to_numpy() for c in ("type", "owner", "currency")})
    lines = story.lines.assign(**{c: deals[c].to_numpy()[story.lines.row] for c in ("account", "deal")})
    has_price = stage_events(story).groupby("row").has_price.any().astype(bool)
    lines = lines[lines.row.isin(has_price.index[has_price])].drop(columns="row")
    cycles = _cycles(story)
    return Book(
        accounts=of_company(_accounts(story)),
        deals=of_company(deals),
        moves=of_company(moves),
        lines=of_company(lines),
        leads=of_company(_leads(story)),
        cycles=of_company(cycles.assign(**first_acts(story, activity, cycles))),
        deaths=of_company(deaths(story, activity, linked)),
        brought=of_company(channels_of_customers(story, activity.meeting_frame, linked)),
        first_meetings=of_company(first.assign(owner=EXECUTIVE_USERS + story.accounts.executive[first.account])),
        cases=of_company(_cases(story)),
        terms=of_company(terms(story).assign(type=lambda t: np.array(TYPE_NAMES, dtype=object)[t.type])),
    )


def _accounts(story: Story) -> pd.DataFrame:
    accounts, rows = story.accounts, np.flatnonzero(story.account_created < story.end)
    names = {"industry": INDUSTRIES, "region": REGIONS}
    columns = {name: np.array(words, dtype=object)[getattr(accounts, name)[rows]] for name, words in names.items()}
    segment = np.array(SEGMENTS, dtype=object)[accounts.segment[rows]]
    return pd.DataFrame({"account": rows, "employees": accounts.employees[rows], "account_segment": segment} | columns)


def _deals(story: Story, sources: pd.DataFrame) -> pd.DataFrame:
    deals = story.deals
    now = stage_events(story).drop_duplicates("row", keep="last").set_index("row").reindex(range(len(deals)))
    people = deal_people(story)
    met = np.minimum(story.lead_created, story.contact_created)[people.account, people.who]
    told = people.second.to_numpy() < story.end
    first = pd.Series(met[told]).groupby(people.row.to_numpy()[told]).min().reindex(range(len(deals)))
    return pd.DataFrame(
        {
            "account": deals.account,
            "deal": deals.deal,
            "type": np.array(TYPE_NAMES, dtype=object)[deals.type],
            "owner": EXECUTIVE_USERS + story.accounts.executive[deals.account],
            "source": deal_sources(story),
            "created": deals.created,
            "closed": deals.closed,
            "close_day": now.close_day.to_numpy(),
            "outcome": deals.outcome.fillna("open"),
            "stage": now.stage.to_numpy(),
            "amount": now.amount.to_numpy(),
            "currency": deals.currency,
            "first_contact": first.to_numpy(),
        }
        | {name: sources[name].to_numpy() for name in sources}
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
