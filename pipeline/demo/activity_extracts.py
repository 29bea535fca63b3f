"""Calls, mails, meetings, campaign members and event attendances."""

from functools import cached_property

import numpy as np
import pandas as pd

from pipeline.demo.calls import calls_at_once
from pipeline.demo.campaigns import Campaigns
from pipeline.demo.clock import epoch_seconds, working_time
from pipeline.demo.deal_extracts import primary_contacts, stage_events
from pipeline.demo.extract import Extract, extract
from pipeline.demo.identity import Identity
from pipeline.demo.lead_extracts import EXECUTIVE_USERS, SDR_USERS
from pipeline.demo.rng import stream
from pipeline.demo.story import Story
from pipeline.demo.texts import chosen, joined, numbered, record_id, where

_DAY = 86400
#: Numbers of calls at once begin here, above those of first contacts.
_CALLS_AT_ONCE = 5 * 10**7
_SUBTYPES = ("Call", "Email", "LinkedIn")
_EVENT_CHANNELS = ("trade_show", "conference", "field_event", "executive_meeting")
_MEMBER_CHANNELS = ("webinar", "content_syndication", "partner")


class Activity:
    """What representatives and event teams wrote down, for one block."""

    def __init__(self, story: Story, identity: Identity, touches: pd.DataFrame, campaigns: Campaigns) -> None:
        self._story, self._identity, self._touches, self._campaigns = story, identity, touches, campaigns
        self._block = story.accounts.block * 10**8
        self._start = epoch_seconds(np.zeros(1), story.company.start_date)[0]
        name = touches.name.to_numpy()
        recorded = touches.is_recorded.to_numpy()
        self._replies = np.flatnonzero(recorded & (name == "sdr_outbound"))
        self._attended = np.flatnonzero(recorded & np.isin(name, _EVENT_CHANNELS))
        joins = recorded & story.is_known(touches) & np.isin(name, _MEMBER_CHANNELS)
        self._members = self._first_in_campaign(np.flatnonzero(joins))

    def _first_in_campaign(self, picked: np.ndarray) -> np.ndarray:
        chosen_touches = self._touches.iloc[picked]
        campaign = self._campaign_of(chosen_touches)
        keys = pd.DataFrame(
            {"c": campaign, "a": chosen_touches.account.to_numpy(), "m": chosen_touches.member.to_numpy()}
        )
        return picked[~keys.duplicated().to_numpy()]

    def _campaign_of(self, touches: pd.DataFrame) -> np.ndarray:
        numbers = np.zeros(len(touches), dtype=np.int64)
        for channel in touches.name.unique():
            of = (touches.name == channel).to_numpy()
            if channel in self._campaigns.starts:
                numbers[of] = self._campaigns.of(channel, touches.day.to_numpy()[of])
        return numbers

    def _numbers(self, picked: np.ndarray) -> np.ndarray:
        numbers = np.full(len(self._touches), -1)
        numbers[picked] = self._block + np.arange(len(picked))
        return numbers

    def reply_numbers(self) -> np.ndarray:
        """The answered task each touch is written down as, -1 for none."""
        return self._numbers(self._replies)

    def attendance_numbers(self) -> np.ndarray:
        """The attendance each touch is written down as, -1 for none."""
        return self._numbers(self._attended)

    def member_numbers(self) -> np.ndarray:
        """The campaign member each touch is written down as, -1 for none."""
        return self._numbers(self._members)

    def campaign_members(self) -> Extract:
        """salesforce/campaign_members: those who took part, and as many who were only invited."""
        rows, member, seconds, campaign, numbers = self._member_columns()
        story = self._story
        responded = numbers % 2 == 0
        as_contact = story.contact_created[rows, member] <= seconds
        return extract(
            "salesforce/campaign_members",
            seconds,
            {
                "Id": record_id("00v", numbers),
                "CampaignId": record_id("701", campaign),
                "LeadId": where(as_contact, None, self._identity.lead_id(rows, member)),
                "ContactId": where(as_contact, self._identity.contact_id(rows, member), None),
                "Status": where(responded, "Responded", "Sent"),
                "HasResponded": responded,
                "FirstRespondedDate": np.where(responded, np.floor(seconds / _DAY), np.nan),
                "CreatedDate": seconds,
                "SystemModstamp": seconds,
                "IsDeleted": False,
            },
        )

    def _member_columns(self) -> tuple[np.ndarray, ...]:
        story, touches = self._story, self._touches.iloc[self._members]
        rows, member = touches.account.to_numpy(), touches.member.to_numpy()
        campaign, seconds = self._campaign_of(touches), touches.second.to_numpy()
        responded = 2 * (self._block + np.arange(len(touches)))
        # Somebody else of the account was invited and did not come.
        others = (member + 1) % story.accounts.group_size[rows]
        known = np.minimum(story.lead_created[rows, others], story.contact_created[rows, others]) < seconds
        taken = set(zip(campaign, rows, member, strict=True))
        free = np.array([key not in taken for key in zip(campaign, rows, others, strict=True)], dtype=bool)
        pairs = pd.DataFrame({"c": campaign, "a": rows, "m": others})
        invited = known & free & ~pairs.duplicated().to_numpy() if len(rows) else known
        both = [(rows, rows[invited]), (member, others[invited]), (seconds, seconds[invited])]
        both += [(campaign, campaign[invited]), (responded, responded[invited] + 1)]
        return tuple(np.concatenate(pair) for pair in both)

    @cached_property
    def task_frame(self) -> pd.DataFrame:
        """One row per call, mail or message to a person: account, member, second, kind, index.

        Kinds: 0 the first contact after acceptance, or a call at once, 1 an answered outreach, 2 and 3 the attempts
        before it.
        """
        story, touches = self._story, self._touches.iloc[self._replies]
        contact = story.events[story.events.kind == "contact"]
        called = calls_at_once(story)
        rows = np.concatenate([contact.account, *[touches.account] * 3, called.account]).astype(np.int64)
        member = np.concatenate([contact.slot, *[touches.member] * 3, called.slot]).astype(np.int64)
        second = touches.second.to_numpy()
        seconds = np.concatenate(
            [contact.second, second, second - 2 * _DAY - 1800, second - 5 * _DAY - 5400, called.second]
        )
        kind = np.repeat([0, 1, 2, 3, 0], [len(contact), *[len(touches)] * 3, len(called)])
        index = np.concatenate(
            [np.arange(len(contact)), *[np.arange(len(touches))] * 3, _CALLS_AT_ONCE + np.arange(len(called))]
        )
        created = np.minimum(story.lead_created[rows, member], story.contact_created[rows, member])
        keep = (seconds > created) | (kind < 2)
        tasks = pd.DataFrame({"account": rows, "member": member, "second": seconds, "kind": kind, "index": index})
        return tasks[keep].reset_index(drop=True)

    def tasks(self) -> Extract:
        """salesforce/tasks: first contacts, answered outreach, and the attempts before an answer."""
        story = self._story
        rows, member, seconds, kind, index = (
            self.task_frame[c].to_numpy() for c in ("account", "member", "second", "kind", "index")
        )
        luck = (seconds % 97) / 97
        subtype = np.where(kind == 0, (luck * 2).astype(int), (luck * 3).astype(int))
        answered = chosen(["Connected", "Replied", "Replied"], subtype)
        as_contact = story.contact_created[rows, member] <= seconds
        return extract(
            "salesforce/tasks",
            seconds,
            {
                "Id": record_id("00T", 4 * (self._block + index) + kind),
                "WhoId": where(
                    as_contact, self._identity.contact_id(rows, member), self._identity.lead_id(rows, member)
                ),
                "AccountId": where(as_contact, self._identity.account_id(rows), None),
                "OwnerId": record_id("005", SDR_USERS + story.accounts.sdr[rows]),
                "Subject": chosen(["First contact", "Outreach answered", "Outreach", "Outreach"], kind),
                "TaskSubtype": chosen(_SUBTYPES, subtype),
                "CallType": where(subtype == 0, "Outbound", None),
                "Status": where(kind == 1, answered, "Completed"),
                "ActivityDate": seconds // _DAY,
                "CompletedDateTime": seconds,
                "CreatedDate": seconds,
                "SystemModstamp": seconds,
                "IsDeleted": False,
            },
        )

    @cached_property
    def meeting_frame(self) -> pd.DataFrame:
        """One row per meeting: account, member, deal (-1: none), booked, starts, over (seconds), number, outcome, luck.

        `outcome` is what will have become of it: 0 held, 1 no show, 2 cancelled.
        """
        story = self._story
        contact = story.events[story.events.kind == "contact"]
        moves = stage_events(story)
        moves = moves[(moves.stage < 4)]
        primary = primary_contacts(story)
        rows = np.concatenate([contact.account, moves.account]).astype(np.int64)
        member = np.concatenate([contact.slot, primary[moves.row]]).astype(np.int64)
        deal = np.concatenate([np.full(len(contact), -1), moves.deal]).astype(np.int64)
        booked = np.concatenate([contact.second, moves.second]).astype(np.int64) + 900
        ends = np.concatenate([np.full(len(contact), np.inf), story.deals.closed.fillna(np.inf).to_numpy()[moves.row]])
        luck = stream(story.company.seed, story.accounts.block, "meetings").random((len(rows), 3))
        wait = 1 + luck[:, 0] * 6
        local = (booked - self._start) / _DAY + story.accounts.utc_offset_days[rows] + wait
        starts = working_time(local, story.company.start_date.weekday()) - story.accounts.utc_offset_days[rows]
        starts = (epoch_seconds(starts, story.company.start_date) // 900) * 900
        meetings = pd.DataFrame(
            {
                "account": rows,
                "member": member,
                "deal": deal,
                "booked": booked,
                "starts": starts,
                "over": starts + 3600,
                "number": self._block + np.arange(len(rows)),
                "outcome": np.searchsorted([0.78, 0.9], luck[:, 2]),
                "luck": luck[:, 0],
            }
        )
        wanted = luck[:, 1] < np.where(deal < 0, 0.6, 0.75)
        return meetings[wanted & (starts < ends)].reset_index(drop=True)

    def meetings(self, until: int) -> Extract:
        """salesforce/events: discovery meetings after a first contact, and one as each deal moves on."""
        story = self._story
        known = self.meeting_frame[self.meeting_frame.booked <= until]
        rows, member, deal, booked, starts, over, number, outcome, luck = (known[c].to_numpy() for c in known.columns)
        past = over <= until
        modified = np.where(past, over, booked)
        as_contact = story.contact_created[rows, member] <= booked
        return extract(
            "salesforce/events",
            modified,
            {
                "Id": record_id("00U", number),
                "WhoId": where(
                    as_contact, self._identity.contact_id(rows, member), self._identity.lead_id(rows, member)
                ),
                "WhatId": self._identity.deal_id(rows, deal),
                "AccountId": where(as_contact, self._identity.account_id(rows), None),
                "OwnerId": record_id(
                    "005",
                    np.where(
                        deal < 0, SDR_USERS + story.accounts.sdr[rows], EXECUTIVE_USERS + story.accounts.executive[rows]
                    ),
                ),
                "Subject": where(deal < 0, "Discovery meeting", "Deal review"),
                "Type": "Meeting",
                "Location": chosen(["Video call", "On site"], (luck < 0.15).astype(int)),
                "StartDateTime": starts,
                "EndDateTime": over,
                "Outcome__c": where(past, chosen(["Held", "No Show", "Cancelled"], outcome), None),
                "CreatedDate": booked,
                "SystemModstamp": modified,
                "IsDeleted": False,
            },
        )

    def attendances(self) -> Extract:
        """offline/attendances: scans and lists; a quarter of them say the day only."""
        story, touches = self._story, self._touches.iloc[self._attended]
        rows, member, seconds = (touches[c].to_numpy() for c in ("account", "member", "second"))
        names = touches.name.to_numpy()
        kind = np.select([names == "trade_show", names == "conference", names == "field_event"], [0, 2, 4], 3) + (
            (names == "trade_show") & (seconds % 2 == 0)
        )
        known_lead = story.lead_created[rows, member] <= seconds
        is_dated_only = seconds % 4 == 0
        ready = (seconds // _DAY) * _DAY + _DAY - 1
        return extract(
            "offline/attendances",
            ready,
            {
                "attendance_id": numbered("att", self.attendance_numbers()[self._attended], 15),
                "event_id": self._event_ids(touches),
                "email": self._identity.email(rows, member),
                "full_name": joined(
                    self._identity.first_name(rows, member), " ", self._identity.last_name(rows, member)
                ),
                "company_name": self._identity.account_name(rows),
                "crm_person_id": where(known_lead & (seconds % 5 == 0), self._identity.lead_id(rows, member), None),
                "attendance_type": chosen(["badge_scan", "booth_visit", "session", "meeting", "dinner"], kind),
                "attended_on": seconds // _DAY,
                "attended_at": np.where(is_dated_only, np.nan, seconds),
                "updated_at": ready,
            },
        )

    def _event_ids(self, touches: pd.DataFrame):
        names = touches.name.to_numpy()
        campaign = self._campaign_of(touches)
        days = touches.day.to_numpy() // 30
        meeting = names == "executive_meeting"
        return where(meeting, numbered("exec-", days, 4), numbered("evt-", campaign, 4))
