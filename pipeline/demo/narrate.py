"""One block from first draw to extracts: the unit of work, the same in whatever process it runs."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from pipeline.demo import customer_extracts, deal_extracts, lead_extracts
from pipeline.demo.activity_extracts import Activity
from pipeline.demo.book import Book, book_of
from pipeline.demo.campaigns import AD_CAMPAIGNS, Campaigns
from pipeline.demo.company import Company
from pipeline.demo.deliver import Told
from pipeline.demo.identity import Identity
from pipeline.demo.life import live
from pipeline.demo.log import Log
from pipeline.demo.people import Accounts, settle
from pipeline.demo.story import Story
from pipeline.demo.tally import Tally
from pipeline.demo.touches import touches_of
from pipeline.demo.web_extracts import WebEvidence


@dataclass(frozen=True)
class Narration:
    """A block that has been lived: its extracts, its story, and what the company needs of it."""

    accounts: Accounts
    identity: Identity
    story: Story
    tally: Tally
    touches: pd.DataFrame
    told: list[Told]
    ad_clicks: np.ndarray
    book: Book


def narrate(company: Company, plan: Campaigns, block: int, free_mail: bool = True) -> Narration:
    """Live a block and tell it as each system would; `ad_clicks` counts (days, ad campaigns)."""
    accounts = settle(company, block)
    log = Log()
    tally = live(company, accounts, log=log)
    story = Story.tell(company, accounts, log)
    identity = Identity(accounts, free_mail)
    touches = touches_of(story)
    web = WebEvidence(story, identity, touches, plan)
    activity = Activity(story, identity, touches, plan)
    touches = touches.assign(
        session=web.session_numbers(),
        click=web.click_numbers(),
        mail=web.mail_numbers(),
        task=activity.reply_numbers(),
        attendance=activity.attendance_numbers(),
        member_record=activity.member_numbers(),
        fill_second=web.fill_seconds(),
        is_identified=web.is_identified(),
    )
    told: list[Told] = [
        lambda until: lead_extracts.accounts(story, identity, until),
        lambda until: lead_extracts.leads(story, identity, until),
        lead_extracts.lead_history(story, identity),
        lambda until: lead_extracts.contacts(story, identity, until),
        lambda until: deal_extracts.opportunities(story, identity, until),
        deal_extracts.opportunity_history(story, identity),
        deal_extracts.contact_roles(story, identity),
        deal_extracts.line_items(story, identity),
        lambda until: customer_extracts.subscriptions(story, identity, until),
        lambda until: customer_extracts.cases(story, identity, until),
        activity.campaign_members(),
        activity.tasks(),
        activity.meetings,
        activity.attendances(),
        web.sessions(),
        web.form_fills(),
        web.clicks(),
        web.mails(),
    ]
    clicks = np.zeros((company.days, len(AD_CAMPAIGNS)), dtype=np.int64)
    np.add.at(clicks, (web.clicks_frame.day.to_numpy(), web.clicks_frame.ad.to_numpy()), 1)
    return Narration(accounts, identity, story, tally, touches, told, clicks, book_of(story, activity, touches))
