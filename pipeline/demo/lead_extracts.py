"""Accounts, leads, their history and contacts, as the CRM knew them at a given second."""

from functools import lru_cache

import numpy as np
import pandas as pd

from pipeline.demo.company import INDUSTRIES, REGION_COUNTRIES, REGIONS, SEGMENTS
from pipeline.demo.extract import Extract, extract
from pipeline.demo.funnel import DISQUALIFY_REASONS, RECYCLE_REASONS, REJECTION_REASONS
from pipeline.demo.identity import Identity
from pipeline.demo.people import GROUP_SIZE
from pipeline.demo.rng import stream
from pipeline.demo.story import NEVER, Story
from pipeline.demo.texts import chosen, joined, record_id, where

STATUS_OF = {
    "mql": "Marketing Qualified",
    "rejected": "Sales Rejected",
    "sal": "Sales Accepted",
    "sql": "Sales Qualified",
    "recycled": "Recycled",
    "disqualified": "Disqualified",
    "converted": "Converted",
}
_REASONS = {"rejected": REJECTION_REASONS, "recycled": RECYCLE_REASONS, "disqualified": DISQUALIFY_REASONS}
SDR_USERS, EXECUTIVE_USERS, MARKETING_USERS = 1000, 2000, 100
_DAY = 86400
_SOURCE_OF = {
    "paid_search_brand": "Paid Search", "paid_search_non_brand": "Paid Search", "paid_social": "Paid Social",
    "display": "Display", "review_site": "Review Site", "content_syndication": "Content Syndication",
    "organic_search": "Organic Search", "organic_social": "Social", "email": "Email", "webinar": "Webinar",
    "referral": "Referral", "partner": "Partner", "sdr_outbound": "Outbound", "trade_show": "Trade Show",
    "conference": "Trade Show", "field_event": "Field Event", "executive_meeting": "Executive Meeting",
}  # fmt: skip


def _countries(story: Story, rows: np.ndarray):
    flat = [country for countries in REGION_COUNTRIES for country in countries]
    first = np.cumsum([0] + [len(c) for c in REGION_COUNTRIES])
    return chosen(flat, first[story.accounts.region[rows]] + story.accounts.country[rows])


def accounts(story: Story, identity: Identity, until: int) -> Extract:
    """salesforce/accounts."""
    created = story.account_created
    rows = np.flatnonzero(created <= until)
    won = story.deals[story.deals.outcome == "won"].groupby("account").closed.min()
    first_win = np.full(len(created), np.inf)
    first_win[won.index] = won
    is_customer = first_win[rows] <= until
    modified = np.where(is_customer, np.maximum(created[rows], first_win[rows].clip(max=until)), created[rows])
    employees = story.accounts.employees[rows]
    return extract(
        "salesforce/accounts",
        modified,
        {
            "Id": identity.account_id(rows),
            "Name": identity.account_name(rows),
            "Website": joined("https://www.", identity.domain(rows)),
            "Industry": chosen(INDUSTRIES, story.accounts.industry[rows]),
            "NumberOfEmployees": employees,
            "AnnualRevenue": np.rint(employees * 180.0) * 1000,
            "BillingCountry": _countries(story, rows),
            "Region__c": chosen(REGIONS, story.accounts.region[rows]),
            "Segment__c": chosen(SEGMENTS, story.accounts.segment[rows]),
            "Type": chosen(["Prospect", "Customer"], is_customer.astype(int)),
            "OwnerId": record_id("005", EXECUTIVE_USERS + story.accounts.executive[rows]),
            "CreatedDate": created[rows],
            "SystemModstamp": modified,
            "IsDeleted": False,
        },
    )


@lru_cache(maxsize=1)
def lead_sources(story: Story):
    """The recorded source of each lead: the last channel that reached its account within 30 days."""
    leads = story.leads
    exposures = story.exposures
    width = story.company.days + 64
    key = exposures.account.to_numpy().astype(np.int64) * width + exposures.day.to_numpy()
    start = np.datetime64(story.company.start_date, "s").astype(np.int64)
    day = (leads.created.to_numpy() - start) // _DAY
    account = leads.account.to_numpy()
    spot = np.searchsorted(key, account * width + day, side="right") - 1
    recent = (spot >= 0) & (key[np.maximum(spot, 0)] >= account * width + day - 30) if len(key) else spot >= 0
    channel = np.where(recent, exposures.channel.to_numpy()[np.maximum(spot, 0)] if len(key) else 0, -1)
    names = [_SOURCE_OF[c.name] for c in story.company.world.channels]
    source = where(channel >= 0, chosen(names, channel), "Web")
    return where(leads.is_listed.to_numpy(), "Purchased List", source)


@lru_cache(maxsize=1)
def _status_events(story: Story) -> pd.DataFrame:
    """One row per change of a lead's status, with the status before it and its reason."""
    events = story.events[story.events.kind.isin(STATUS_OF)]
    statuses = events.kind.map(STATUS_OF)
    frame = events[["account", "slot", "second", "kind"]].assign(status=statuses)
    frame["before"] = frame.groupby(["account", "slot"]).status.shift().fillna("Open")
    frame["reason"] = None
    for kind, reasons in _REASONS.items():
        chosen_rows = (events.kind == kind).to_numpy()
        frame.loc[chosen_rows, "reason"] = np.array(reasons, dtype=object)[events.code.to_numpy()[chosen_rows]]
    frame["number"] = story.accounts.number[frame.account] * 4096 + frame.groupby("account").cumcount() * 2
    return frame


def leads(story: Story, identity: Identity, until: int) -> Extract:
    """salesforce/leads."""
    leads = story.leads
    source = lead_sources(story)
    keep = np.flatnonzero(leads.created <= until)
    leads = leads.iloc[keep].reset_index(drop=True)
    changes = _status_events(story)
    changes = changes[changes.second <= until]
    reached = changes.pivot_table(index=["account", "slot"], columns="kind", values="second", aggfunc="min")
    last = changes.drop_duplicates(["account", "slot"], keep="last").set_index(["account", "slot"])
    index = pd.MultiIndex.from_frame(leads[["account", "slot"]])
    last, reached = last.reindex(index), reached.reindex(index, columns=list(STATUS_OF))
    rows, slot = leads.account.to_numpy(), leads.slot.to_numpy()
    modified = np.where(last.second.notna(), last.second, leads.created).astype(np.int64)
    converted = leads.converted.to_numpy()
    is_converted = converted <= until
    luck = stream(story.company.seed, story.accounts.block, "lead fields").random((story.accounts.count, 8, 4))
    luck = luck[rows, slot]
    has_mql = reached["mql"].notna().to_numpy()

    def days_of(kind: str, share: float, column: int) -> np.ndarray:
        seconds = reached[kind].to_numpy(dtype=float)
        return np.where(luck[:, column] < share, np.floor(seconds / _DAY), np.nan)

    heard = (luck[:, 0] * 12).astype(int)
    score = np.rint(20 + 15 * story.accounts.fit[rows].clip(-1.5, 2) + 35 * has_mql + 15 * luck[:, 1])
    return extract(
        "salesforce/leads",
        modified,
        {
            "Id": identity.lead_id(rows, slot),
            "FirstName": identity.first_name(rows, slot),
            "LastName": identity.last_name(rows, slot),
            "Company": identity.account_name(rows),
            "Email": identity.email(rows, slot),
            "Title": identity.title(rows, slot),
            "Website": joined("www.", identity.domain(rows)),
            "Industry": chosen(INDUSTRIES, story.accounts.industry[rows]),
            "NumberOfEmployees": story.accounts.employees[rows],
            "Country": _countries(story, rows),
            "LeadSource": source.take(keep),
            "HowDidYouHear__c": chosen(["Colleague", "Search engine", "LinkedIn", "Conference", "Podcast"],
                                       np.where(heard < 5, heard, -1)),
            "Status": where(last.status.notna(), last.status.fillna("").to_numpy(dtype=object), "Open"),
            "StatusReason__c": last.reason.to_numpy(dtype=object),
            "Rating": chosen(["Cold", "Warm", "Hot"], np.digitize(score, (40, 70))),
            "Score__c": score,
            "InterestDate__c": days_of("mql", 0.9, 0),
            "BudgetDate__c": days_of("sql", 0.7, 1),
            "AuthorityDate__c": days_of("sql", 0.6, 2),
            "TimelineDate__c": days_of("sal", 0.5, 3),
            "OwnerId": record_id("005", np.where(has_mql, SDR_USERS + story.accounts.sdr[rows], MARKETING_USERS)),
            "IsConverted": is_converted,
            "ConvertedDate": np.where(is_converted, np.floor(converted / _DAY), np.nan),
            "ConvertedAccountId": where(is_converted, identity.account_id(rows), None),
            "ConvertedContactId": where(is_converted, identity.contact_id(rows, slot), None),
            "ConvertedOpportunityId": where(is_converted, identity.deal_id(rows, leads.deal.to_numpy()), None),
            "CreatedDate": leads.created.to_numpy(),
            "SystemModstamp": modified,
            "IsDeleted": False,
        },
    )  # fmt: skip


def lead_history(story: Story, identity: Identity) -> Extract:
    """salesforce/lead_history: a row per status change, and one beside it where a reason was given."""
    changes = _status_events(story)
    reasons = changes[changes.reason.notna()]
    both = pd.concat(
        [
            changes.assign(field="Status", old=changes.before, new=changes.status),
            reasons.assign(field="StatusReason__c", old=None, new=reasons.reason, number=reasons.number + 1),
        ]
    )
    both = both.sort_values("number", kind="stable")
    rows, slot = both.account.to_numpy(), both.slot.to_numpy()
    author = np.where(both.kind == "mql", MARKETING_USERS, SDR_USERS + story.accounts.sdr[rows])
    return extract(
        "salesforce/lead_history",
        both.second.to_numpy(),
        {
            "Id": record_id("017", both.number.to_numpy()),
            "LeadId": identity.lead_id(rows, slot),
            "Field": both.field.to_numpy(dtype=object),
            "OldValue": both.old.to_numpy(dtype=object),
            "NewValue": both.new.to_numpy(dtype=object),
            "CreatedById": record_id("005", author),
            "CreatedDate": both.second.to_numpy(),
            "IsDeleted": False,
        },
    )  # fmt: skip


def contacts(story: Story, identity: Identity, until: int) -> Extract:
    """salesforce/contacts: converted leads, and people whom representatives added."""
    rows, member = np.nonzero(story.contact_created <= until)
    created = story.contact_created[rows, member]
    source = np.full((story.accounts.count, GROUP_SIZE), "Sales", dtype=object)
    source[story.leads.account, story.leads.slot] = lead_sources(story).to_numpy(zero_copy_only=False)
    assert (created < NEVER).all()
    return extract(
        "salesforce/contacts",
        created,
        {
            "Id": identity.contact_id(rows, member),
            "AccountId": identity.account_id(rows),
            "FirstName": identity.first_name(rows, member),
            "LastName": identity.last_name(rows, member),
            "Email": identity.email(rows, member),
            "Title": identity.title(rows, member),
            "LeadSource": source[rows, member],
            "OwnerId": record_id("005", EXECUTIVE_USERS + story.accounts.executive[rows]),
            "CreatedDate": created,
            "SystemModstamp": created,
            "IsDeleted": False,
        },
    )
