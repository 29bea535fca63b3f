"""What happens after a win: subscription terms and support cases."""

from functools import lru_cache

import numpy as np
import pandas as pd

from pipeline.demo.clock import epoch_seconds
from pipeline.demo.deals import EXPANSION, NEW, RENEWAL, RENEWAL_LEAD_DAYS, TERM_DAYS, TYPES
from pipeline.demo.extract import Extract, extract
from pipeline.demo.identity import Identity
from pipeline.demo.lead_extracts import SDR_USERS
from pipeline.demo.rng import stream
from pipeline.demo.story import Story
from pipeline.demo.texts import chosen, numbered, record_id, where

_DAY = 86400
_CASE_TYPES = ("Question", "Problem", "Complaint", "Feature Request")
_SUBJECTS = ("How do I", "Import fails", "Promised feature missing", "Please add")
_ORIGINS = ("Email", "Phone", "Web")


@lru_cache(maxsize=1)
def terms(story: Story) -> pd.DataFrame:
    """One row per subscription term: account, deal, type, starts, ends (seconds), amount a year, currency, cancelled.

    A term lasts until the account's next anniversary; a lost renewal ends it without another.
    `cancelled` is the second the renewal was lost, or NaN.
    """
    deals = story.deals.sort_values(["account", "deal"])
    won = deals[deals.outcome == "won"].sort_values(["account", "closed"]).copy()
    base = won.closed.where(won.type == NEW).groupby(won.account).ffill()
    base = base.fillna(won.groupby("account").closed.transform("min"))
    year = TERM_DAYS * _DAY
    renewed = np.rint((won.created + RENEWAL_LEAD_DAYS * _DAY - base) / year).clip(lower=1)
    begun = np.floor((won.closed - base) / year)
    won["starts"] = np.select(
        [won.type == RENEWAL, won.type == EXPANSION], [base + renewed * year, won.closed], won.closed
    )
    won["ends"] = np.select(
        [won.type == RENEWAL, won.type == EXPANSION], [won.starts + year, base + (begun + 1) * year], base + year
    )
    lost = deals[(deals.outcome == "lost") & (deals.type == RENEWAL)][["account", "created", "closed"]]
    pairs = won.reset_index()[["index", "account", "ends"]].merge(lost, on="account", how="inner")
    near = (pairs.created + RENEWAL_LEAD_DAYS * _DAY - pairs.ends).abs() < 45 * _DAY
    cancelled = pairs[near].groupby("index").closed.min()
    won["cancelled"] = cancelled.reindex(won.index)
    return won[["account", "deal", "type", "starts", "ends", "amount", "currency", "closed", "cancelled"]]


def subscriptions(story: Story, identity: Identity, until: int) -> Extract:
    """finance/subscriptions: one row per term, corrected when it ends or its renewal is refused."""
    rows = terms(story)
    rows = rows[rows.closed <= until]
    is_cancelled = (rows.cancelled <= until).to_numpy()
    is_over = (rows.ends <= until).to_numpy()
    modified = np.fmax(
        np.fmax(rows.closed, np.where(is_cancelled, rows.cancelled, -np.inf)), np.where(is_over, rows.ends, -np.inf)
    ).astype(np.int64)
    account = rows.account.to_numpy()
    return extract(
        "finance/subscriptions",
        modified.to_numpy(),
        {
            "subscription_id": numbered("sub-", story.accounts.number[account] * 64 + rows.deal.to_numpy(), 12),
            "account_id": identity.account_id(account),
            "opportunity_id": identity.deal_id(account, rows.deal.to_numpy()),
            "started_by": chosen([t.lower().replace(" ", "_") for t in TYPES], rows.type.to_numpy()),
            "starts_on": np.floor(rows.starts.to_numpy() / _DAY),
            "ends_on": np.floor(rows.ends.to_numpy() / _DAY) - 1,
            "annual_amount": rows.amount.to_numpy(),
            "currency": rows.currency.to_numpy(dtype=object),
            "status": where(is_over, "ended", "active"),
            "cancelled_on": np.where(is_cancelled, np.floor(rows.cancelled.to_numpy() / _DAY), np.nan),
            "updated_at": modified.to_numpy(),
        },
    )


@lru_cache(maxsize=1)
def case_frame(story: Story) -> pd.DataFrame:
    """One row per support case: account, member, opened, closed, kind (2: a complaint), number, luck, score (or NaN).

    There are more of them from accounts that fit badly, and more of these complain.
    """
    span = terms(story).groupby("account").agg(starts=("starts", "min"), ends=("ends", "max"))
    company_end = epoch_seconds(np.array([story.company.days]), story.company.start_date)[0]
    first = span.starts.to_numpy()
    last = np.minimum(span.ends.to_numpy(), company_end)
    random = stream(story.company.seed, story.accounts.block, "cases")
    rate = 1.5 * np.exp(-0.3 * story.accounts.fit[span.index])
    count = random.poisson(np.maximum(last - first, 0) / (365 * _DAY) * rate)
    row = np.repeat(np.arange(len(span)), count)
    u = random.random((len(row), 6))
    account = span.index.to_numpy()[row]
    opened = (first[row] + u[:, 0] * (last - first)[row]).astype(np.int64)
    unhappy = 0.15 + 0.1 * (story.accounts.fit[account] < 0)
    kind = np.where(u[:, 2] < unhappy, 2, (u[:, 3] * 3).astype(int))
    kind = np.where((kind == 2) & (u[:, 2] >= unhappy), 3, kind)
    score = np.where(kind == 2, 1 + (u[:, 4] * 3).astype(int), 3 + (u[:, 4] * 3).astype(int))
    return pd.DataFrame(
        {
            "account": account,
            "member": story.contact_created[account].argmin(axis=1),
            "opened": opened,
            "closed": opened + (3600 * (2 + 90 * u[:, 1] ** 2)).astype(np.int64),
            "kind": kind,
            "number": story.accounts.block * 10**8 + np.arange(len(row)),
            "luck": u[:, 3],
            "score": np.where(u[:, 5] < 0.5, score, np.nan),
        }
    )


#: What a complaint may give as its reason; the second is a promise that was not kept.
COMPLAINT_REASONS = ("Expectation not met", "Different from what sales said")


def cases(story: Story, identity: Identity, until: int) -> Extract:
    """salesforce/cases: questions and complaints of customers."""
    known = case_frame(story)[case_frame(story).opened <= until]
    account, member, opened, closed, kind, number, luck, score = (known[c].to_numpy() for c in known.columns)
    is_closed = closed <= until
    modified = np.where(is_closed, closed, opened)
    return extract(
        "salesforce/cases",
        modified,
        {
            "Id": record_id("500", number),
            "CaseNumber": numbered("", number + 1, 10),
            "AccountId": identity.account_id(account),
            "ContactId": identity.contact_id(account, member),
            "OwnerId": record_id("005", SDR_USERS + story.accounts.sdr[account]),
            "Subject": chosen(_SUBJECTS, kind),
            "Type": chosen(_CASE_TYPES, kind),
            "Reason": where(kind == 2, chosen(COMPLAINT_REASONS, number % 2), None),
            "Origin": chosen(_ORIGINS, (luck * 7 % 1 * 3).astype(int)),
            "Priority": chosen(["Low", "Medium", "High"], np.where(kind == 2, 2, kind % 2)),
            "Status": where(is_closed, "Closed", "New"),
            "IsClosed": is_closed,
            "ClosedDate": np.where(is_closed, closed, np.nan),
            "Satisfaction__c": np.where(is_closed, score, np.nan),
            "CreatedDate": opened,
            "SystemModstamp": modified,
            "IsDeleted": False,
        },
    )
