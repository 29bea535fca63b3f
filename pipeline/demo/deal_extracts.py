"""Opportunities, their history, people and lines, as the CRM knew them at a given second."""

from functools import lru_cache

import numpy as np
import pandas as pd

from pipeline.demo.deals import LOSS_REASONS, RENEWAL, STAGES, TYPES
from pipeline.demo.extract import Extract, extract
from pipeline.demo.identity import Identity
from pipeline.demo.lead_extracts import EXECUTIVE_USERS, lead_sources
from pipeline.demo.people import GROUP_SIZE
from pipeline.demo.rng import stream
from pipeline.demo.story import Story
from pipeline.demo.texts import chosen, joined, record_id

_DAY = 86400
_PROBABILITY = np.array([10.0, 30.0, 55.0, 80.0, 100.0, 0.0])
_CATEGORY = ("Pipeline", "Pipeline", "Best Case", "Commit", "Closed", "Omitted")
#: Days until the expected close, as representatives enter it on reaching each stage.
_EXPECTED_DAYS = np.array([60, 45, 30, 14, 0, 0])
_PROPOSAL, _WON, _LOST = 2, 4, 5


@lru_cache(maxsize=1)
def primary_contacts(story: Story) -> np.ndarray:
    """The member each deal's main contact is: its earliest converted lead, else the account's first contact."""
    deals = story.deals
    leads = story.leads[story.leads.deal >= 0].sort_values("converted", kind="stable")
    own = leads.drop_duplicates(["account", "deal"])[["account", "deal", "slot"]]
    slot = deals.merge(own, on=["account", "deal"], how="left").slot.to_numpy(dtype=float)
    first = story.contact_created[deals.account].argmin(axis=1)
    return np.where(np.isnan(slot), first, slot).astype(int)


@lru_cache(maxsize=1)
def deal_sources(story: Story) -> np.ndarray:
    """The recorded source of each deal: that of its main contact as a lead; sales' own where that was none."""
    sources = np.full((story.accounts.count, GROUP_SIZE), "Sales", dtype=object)
    sources[story.leads.account, story.leads.slot] = lead_sources(story).to_numpy(zero_copy_only=False)
    return sources[story.deals.account.to_numpy(), primary_contacts(story)]


@lru_cache(maxsize=1)
def stage_events(story: Story) -> pd.DataFrame:
    """One row per deal and stage entered: account, deal, second, stage (number), amount, close_day, row of `deals`."""
    events = story.events[story.events.kind.isin(["opportunity", "stage", "won", "lost"])]
    deals = story.deals
    frame = events[["account", "deal", "second", "kind", "code"]].merge(
        deals[["account", "deal", "amount", "estimate", "created"]].assign(row=np.arange(len(deals))),
        on=["account", "deal"],
    )
    opened = np.where(frame.code == RENEWAL, _PROPOSAL, 0)
    frame["stage"] = np.select(
        [frame.kind == "opportunity", frame.kind == "won", frame.kind == "lost"], [opened, _WON, _LOST], frame.code
    )
    priced = (frame.stage >= _PROPOSAL) & (frame.stage != _LOST)
    has_price = priced.groupby(frame.row).cummax()
    frame["amount"] = np.where(has_price, frame.amount, frame.estimate)
    frame["has_price"] = has_price
    expected = _EXPECTED_DAYS[frame.stage] + 30 * ((frame.kind == "opportunity") & (frame.stage == _PROPOSAL))
    frame["close_day"] = frame.second // _DAY + expected
    frame["number"] = story.accounts.number[frame.account] * 4096 + frame.groupby("account").cumcount()
    return frame


def opportunities(story: Story, identity: Identity, until: int) -> Extract:
    """salesforce/opportunities."""
    now = stage_events(story)
    now = now[now.second <= until].drop_duplicates("row", keep="last").sort_values("row")
    row = now.row.to_numpy()
    deals = story.deals.iloc[row]
    rows, stage = deals.account.to_numpy(), now.stage.to_numpy()
    kinds = deals.type.to_numpy()
    return extract(
        "salesforce/opportunities",
        now.second.to_numpy(),
        {
            "Id": identity.deal_id(rows, deals.deal.to_numpy()),
            "AccountId": identity.account_id(rows),
            "Name": joined(identity.account_name(rows), " ", chosen(TYPES, kinds), " ", deals.deal.to_numpy() + 1),
            "Type": chosen(TYPES, kinds),
            "StageName": chosen(STAGES, stage),
            "Amount": now.amount.to_numpy(),
            "CurrencyIsoCode": deals.currency.to_numpy(dtype=object),
            "Probability": _PROBABILITY[stage],
            "ForecastCategoryName": chosen(_CATEGORY, stage),
            "CloseDate": now.close_day.to_numpy(),
            "IsClosed": stage >= _WON,
            "IsWon": stage == _WON,
            "LossReason__c": chosen(LOSS_REASONS, np.where(stage == _LOST, deals.reason.to_numpy(), -1)),
            "LeadSource": deal_sources(story)[row],
            "OwnerId": record_id("005", EXECUTIVE_USERS + story.accounts.executive[rows]),
            "CreatedDate": deals.created.to_numpy(),
            "SystemModstamp": now.second.to_numpy(),
            "IsDeleted": False,
        },
    )


def opportunity_history(story: Story, identity: Identity) -> Extract:
    """salesforce/opportunity_history: a row per stage entered."""
    changes = stage_events(story)
    rows, stage = changes.account.to_numpy(), changes.stage.to_numpy()
    return extract(
        "salesforce/opportunity_history",
        changes.second.to_numpy(),
        {
            "Id": record_id("008", changes.number.to_numpy()),
            "OpportunityId": identity.deal_id(rows, changes.deal.to_numpy()),
            "StageName": chosen(STAGES, stage),
            "Amount": changes.amount.to_numpy(),
            "Probability": _PROBABILITY[stage],
            "CloseDate": changes.close_day.to_numpy(),
            "ForecastCategory": chosen(_CATEGORY, stage),
            "CreatedById": record_id("005", EXECUTIVE_USERS + story.accounts.executive[rows]),
            "CreatedDate": changes.second.to_numpy(),
            "IsDeleted": False,
        },
    )


@lru_cache(maxsize=1)
def deal_people(story: Story) -> pd.DataFrame:
    """One row per deal and person of it: row of `deals`, account, who (member), is_primary, second they joined."""
    deals = story.deals
    rows = deals.account.to_numpy()
    created = story.contact_created[rows]
    closed = deals.closed.fillna(np.inf).to_numpy()[:, None]
    member = np.arange(GROUP_SIZE)
    is_primary = member == primary_contacts(story)[:, None]
    luck = stream(story.company.seed, story.accounts.block, "contact roles").random(
        (story.accounts.count, 16, GROUP_SIZE)
    )
    joins = (luck[rows, np.minimum(deals.deal.to_numpy(), 15)] < 0.7) & (deals.type != RENEWAL).to_numpy()[:, None]
    lead_deal = np.full((story.accounts.count, GROUP_SIZE), -1)
    lead_deal[story.leads.account, story.leads.slot] = story.leads.deal
    own = lead_deal[rows] == deals.deal.to_numpy()[:, None]
    row, who = np.nonzero(is_primary | own | (joins & (created < closed)))
    second = np.maximum(created[row, who], deals.created.to_numpy()[row])
    return pd.DataFrame(
        {"row": row, "account": rows[row], "who": who, "is_primary": is_primary[row, who], "second": second}
    )


def contact_roles(story: Story, identity: Identity) -> Extract:
    """salesforce/opportunity_contact_roles: the main contact, and most of the group for deals that are not renewals."""
    people = deal_people(story)
    account, who, second = (people[c].to_numpy() for c in ("account", "who", "second"))
    deal = story.deals.deal.to_numpy()[people.row]
    number = (story.accounts.number[account] * 64 + deal) * 8 + who
    return extract(
        "salesforce/opportunity_contact_roles",
        second,
        {
            "Id": record_id("00K", number),
            "OpportunityId": identity.deal_id(account, deal),
            "ContactId": identity.contact_id(account, who),
            "Role": identity.role(account, who),
            "IsPrimary": people.is_primary.to_numpy(),
            "CreatedDate": second,
            "SystemModstamp": second,
            "IsDeleted": False,
        },
    )


def line_items(story: Story, identity: Identity) -> Extract:
    """salesforce/opportunity_line_items: entered when a deal reaches its proposal."""
    changes = stage_events(story)
    priced = changes[changes.has_price].drop_duplicates("row").set_index("row").second
    lines = story.lines[story.lines.row.isin(priced.index)]
    deals = story.deals.iloc[lines.row.to_numpy()]
    rows, deal = deals.account.to_numpy(), deals.deal.to_numpy()
    second = priced.loc[lines.row].to_numpy()
    return extract(
        "salesforce/opportunity_line_items",
        second,
        {
            "Id": record_id("00k", (story.accounts.number[rows] * 64 + deal) * 8 + lines.line.to_numpy()),
            "OpportunityId": identity.deal_id(rows, deal),
            "Product2Id": record_id("01t", 1 + lines["product"].to_numpy()),
            "Quantity": lines.quantity.to_numpy(),
            "UnitPrice": lines.list_price.to_numpy(),
            "ListPrice": lines.list_price.to_numpy(),
            "Discount": lines.discount.to_numpy(),
            "TotalPrice": lines.total.to_numpy(),
            "CreatedDate": second,
            "SystemModstamp": second,
            "IsDeleted": False,
        },
    )
