"""The simulator's own record of one block: every stage entered and every touch, beside the ids systems gave them."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa

from pipeline.demo.deal_extracts import stage_events
from pipeline.demo.deals import TYPES
from pipeline.demo.identity import Identity
from pipeline.demo.story import NEVER, Story
from pipeline.demo.texts import chosen, numbered, record_id, where

_SECONDS = pa.timestamp("s", tz="UTC")


@dataclass(frozen=True)
class Record:
    """Tables of one block for the truth folder."""

    stage_entries: pa.Table
    touches: pa.Table
    accounts: pa.Table


def record_of(story: Story, identity: Identity, touches: pd.DataFrame) -> Record:
    """All that happened in a block; `touches` with the numbers of the records they are seen in."""
    return Record(_stage_entries(story, identity), _touches(story, identity, touches), _accounts(story, identity))


def _times(seconds: np.ndarray) -> pa.Array:
    seconds = np.asarray(seconds)
    return pa.array(seconds.astype(np.int64), mask=seconds >= NEVER).cast(_SECONDS)


def _stage_entries(story: Story, identity: Identity) -> pa.Table:
    """One row per stage a lead or deal entered; amounts as the deal's were at that time."""
    leads = story.events[story.events.slot >= 0].rename(columns={"slot": "member"})
    leads = leads[leads.kind != "contact"][["kind", "second", "account", "member", "cycle", "deal"]]
    rows, member = leads.account.to_numpy(), leads.member.to_numpy()
    lead_part = {
        "stage": leads.kind.to_numpy(dtype=object),
        "entered_at": _times(leads.second),
        "unit_id": identity.lead_id(rows, member),
        "account_number": story.accounts.number[rows],
        "cycle_number": np.maximum(leads.cycle.to_numpy(), 0),
        "opportunity_id": identity.deal_id(rows, leads.deal.to_numpy()),
        "opportunity_type": pa.nulls(len(leads), pa.string()),
        "amount": pa.nulls(len(leads), pa.float64()),
        "currency": pa.nulls(len(leads), pa.string()),
    }
    moves = stage_events(story)
    deals = story.deals.iloc[moves.row.to_numpy()]
    rows, deal = moves.account.to_numpy(), moves.deal.to_numpy()
    names = ["discovery", "evaluation", "proposal", "negotiation", "won", "lost"]
    opened = (moves.kind == "opportunity").to_numpy()
    deal_part = {
        "stage": where(opened, "opportunity", chosen(names, moves.stage.to_numpy())),
        "entered_at": _times(moves.second),
        "unit_id": identity.deal_id(rows, deal),
        "account_number": story.accounts.number[rows],
        "cycle_number": np.ones(len(moves), dtype=np.int64),
        "opportunity_id": identity.deal_id(rows, deal),
        "opportunity_type": chosen(TYPES, deals.type.to_numpy()),
        "amount": moves.amount.to_numpy(),
        "currency": deals.currency.to_numpy(dtype=object),
    }
    both = pa.concat_tables([_table(lead_part), _table(deal_part)])
    return both.sort_by([("entered_at", "ascending"), ("unit_id", "ascending"), ("stage", "ascending")])


def _table(columns: dict[str, object]) -> pa.Table:
    arrays = [c if isinstance(c, pa.Array | pa.ChunkedArray) else pa.array(c) for c in columns.values()]
    arrays = [a.cast(pa.string()) if pa.types.is_null(a.type) else a for a in arrays]
    return pa.Table.from_arrays(arrays, names=list(columns))


def _touches(story: Story, identity: Identity, touches: pd.DataFrame) -> pa.Table:
    """One row per act of contact, recorded or dark, with the id of each record it left."""
    rows, member = touches.account.to_numpy(), touches.member.to_numpy()
    ids = {
        "session_id": numbered("s", touches.session.to_numpy(), 15),
        "click_id": numbered("clk", touches.click.to_numpy(), 15),
        "email_event_id": numbered("m", np.where(touches.mail < 0, -1, 12 * touches.mail), 16),
        "task_id": record_id("00T", np.where(touches.task < 0, -1, 4 * touches.task + 1)),
        "attendance_id": numbered("att", touches.attendance.to_numpy(), 15),
        "campaign_member_id": record_id("00v", np.where(touches.member_record < 0, -1, 2 * touches.member_record)),
    }
    numbers = touches[["session", "click", "mail", "task", "attendance", "member_record"]].to_numpy()
    return _table(
        {
            "touched_at": _times(touches.second),
            "channel": pa.array(touches["name"].to_numpy()).dictionary_encode().cast(pa.string()),
            "account_number": story.accounts.number[rows],
            "email": identity.email(rows, member),
            "is_recorded": (numbers >= 0).any(axis=1),
            "is_cause": (touches.channel >= 0).to_numpy(),
        }
        | ids
    )


def _accounts(story: Story, identity: Identity) -> pa.Table:
    """One row per account: its hidden fit and interest beside what the CRM may know."""
    accounts = story.accounts
    rows = np.arange(accounts.count)
    inside = np.minimum(accounts.market_ends, story.company.days) - np.maximum(accounts.market_starts, 0)
    in_crm = story.account_created < NEVER
    return _table(
        {
            "account_number": accounts.number,
            "account_id": where(in_crm, identity.account_id(rows), None),
            "domain": identity.domain(rows),
            "fit": accounts.fit,
            "in_market_days": np.maximum(inside, 0).sum(axis=1),
            "is_reached": accounts.is_reached,
            "entered_crm_at": _times(story.account_created),
        }
    )
