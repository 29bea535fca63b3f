"""What the web analytics, the ad platforms and the mailing tool saw of the touches."""

import numpy as np
import pandas as pd
import pyarrow as pa

from pipeline.demo.campaigns import AD_CAMPAIGNS, Campaigns
from pipeline.demo.extract import Extract, extract
from pipeline.demo.identity import MEMBERS, Identity
from pipeline.demo.people import LEAD_SLOTS
from pipeline.demo.rng import stream
from pipeline.demo.story import NEVER, Story
from pipeline.demo.texts import chosen, numbered, where

SITE = "https://www.ledgerworks.example"
_PAGES = ("/", "/product", "/pricing", "/customers", "/blog/close-faster", "/guides/attribution", "/integrations",
          "/demo")  # fmt: skip
CONTENT = ("Attribution Guide", "Forecasting Checklist", "ROI Calculator", "Buyer's Guide", "Customer Story Pack")
_FORMS = ("Request a demo", "Contact sales", "Download guide", "Start trial")
_HEARD = ("Colleague", "Search engine", "LinkedIn", "Conference", "Podcast", "Review site", "Do not remember")
_AGENTS = ("Mozilla/5.0 (Windows NT 10.0; Win64; x64)", "Mozilla/5.0 (Macintosh; Intel Mac OS X 14_4)",
           "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X)")  # fmt: skip
_REFERRERS = {
    "organic_search": "https://www.google.com/",
    "organic_social": "https://www.linkedin.com/",
    "referral": "https://www.financeweekly.example/tools",
    "review_site": "https://www.g2.com/",
    "paid_search_brand": "https://www.google.com/",
    "paid_search_non_brand": "https://www.google.com/",
    "paid_social": "https://www.linkedin.com/",
}
#: Sources and media of the tagged links that are not ads.
_TAGS = {"email": ("marketo", "email", "nurture"), "partner": ("partner_portal", "partner", "partner_directory")}
_VISITING = (
    "paid_search_brand", "paid_search_non_brand", "paid_social", "display", "review_site", "content_syndication",
    "organic_search", "organic_social", "referral", "direct", "email", "partner",
)  # fmt: skip


class WebEvidence:
    """Sessions, clicks, form fills and mailing events of one block, all told from its touches."""

    def __init__(self, story: Story, identity: Identity, touches: pd.DataFrame, campaigns: Campaigns) -> None:
        self._story, self._identity, self._campaigns = story, identity, campaigns
        name = touches.name.to_numpy()
        known = story.is_known(touches)
        # Partners and syndicators report people the CRM knows as campaign members, not as visits.
        reported = np.isin(name, ("partner", "content_syndication")) & known
        visits = np.isin(name, _VISITING) & ~reported
        self._clicked = (touches.is_recorded & (touches.ad >= 0)).to_numpy() & ~reported
        # A click without a session: the page did not load, or tracking was refused.
        lost = (touches.ad >= 0) & (touches.luck < 0.04)
        # Whoever answers a mail does not follow its link.
        self._replied = (touches.name == "email").to_numpy() & (touches.luck.to_numpy() * 29 % 1 < 0.06)
        self.touches = touches
        self._in_session = (visits & touches.is_recorded & ~lost).to_numpy() & ~self._replied
        self._block = story.accounts.block * 10**8
        self.clicks_frame = touches[self._clicked]
        self._filled, self._fill_seconds = self._fills()

    def _fills(self) -> tuple[np.ndarray, np.ndarray]:
        """The touches in which a form is filled, and when: those that make leads, and downloads by known people."""
        touches, story = self.touches, self._story
        account, member, second = (touches[c].to_numpy() for c in ("account", "member", "second"))
        first = touches.form.to_numpy() >= 0
        created = story.lead_created[account, member]
        known = (created < second) & (created != NEVER)
        again = self._in_session & ~first & known & (touches.luck.to_numpy() * 13 % 1 < 0.1)
        filled = np.flatnonzero(first | again)
        slot = np.minimum(member[filled], LEAD_SLOTS - 1)
        seconds = np.where(first[filled], story.lead_created[account[filled], slot] - 2, second[filled] + 95)
        return filled, seconds

    def is_identified(self) -> np.ndarray:
        """Whether each touch says who it was by itself or by its cookie, which once came with an address."""
        touches = self.touches
        cookie = (touches.account.to_numpy() * MEMBERS + touches.member.to_numpy()) * 2 + touches.device.to_numpy()
        mailed = self.mail_numbers() >= 0
        named = np.union1d(cookie[self._filled], cookie[mailed & ~self._replied])
        by_cookie = (self._in_session | self._clicked) & np.isin(cookie, named)
        return by_cookie | mailed

    def fill_seconds(self) -> np.ndarray:
        """When the form was filled in each touch, NaN in those without one."""
        seconds = np.full(len(self.touches), np.nan)
        seconds[self._filled] = self._fill_seconds
        return seconds

    def session_numbers(self) -> np.ndarray:
        """The session each touch is seen in, -1 for none."""
        numbers = self._block + np.cumsum(self._in_session) - 1
        return np.where(self._in_session, numbers, -1)

    def click_numbers(self) -> np.ndarray:
        """The ad click each touch is seen as, -1 for none."""
        return np.where(self._clicked, self._block + np.cumsum(self._clicked) - 1, -1)

    def mail_numbers(self) -> np.ndarray:
        """The mailing click each touch is seen as, -1 for none."""
        mailed = (self.touches.is_recorded & (self.touches.name == "email")).to_numpy()
        return np.where(mailed, self._block + np.cumsum(mailed) - 1, -1)

    def sessions(self) -> Extract:
        """web/sessions."""
        seen = self.touches[self._in_session]
        account, member, ad = (seen[c].to_numpy() for c in ("account", "member", "ad"))
        names, name = np.unique(seen.name.to_numpy().astype(str), return_inverse=True)
        luck = seen.luck.to_numpy()
        tags = [_TAGS.get(n, (None, None, None)) for n in names]
        page = (luck * 8 * 7 % len(_PAGES)).astype(int)
        page = np.where(seen.form >= 0, 7, page)
        seconds = seen.second.to_numpy()
        is_ad = ad >= 0
        campaign = [c.name for c in AD_CAMPAIGNS]
        device = seen.device.to_numpy()
        return extract(
            "web/sessions",
            seconds,
            {
                "session_id": numbered("s", self.session_numbers()[self._in_session], 15),
                "visitor_id": self._identity.visitor(account, member, device),
                "started_at": seconds,
                "landing_page_url": chosen([SITE + p for p in _PAGES], page),
                "referrer_url": chosen([_REFERRERS.get(n) for n in names], name),
                "utm_source": where(
                    is_ad, chosen([c.utm_source for c in AD_CAMPAIGNS], ad), chosen([t[0] for t in tags], name)
                ),
                "utm_medium": where(
                    is_ad, chosen([c.utm_medium for c in AD_CAMPAIGNS], ad), chosen([t[1] for t in tags], name)
                ),
                "utm_campaign": where(is_ad, chosen(campaign, ad), chosen([t[2] for t in tags], name)),
                "utm_content": where(is_ad, chosen(["a", "b"], (luck * 2).astype(int)), None),
                "click_id": numbered("clk", self.click_numbers()[self._in_session], 15),
                "page_view_count": 1 + (luck**2 * 9).astype(np.int64) + 2 * (seen.form.to_numpy() >= 0),
                "country": chosen(["US", "DE", "GB", "JP"], self._story.accounts.region[account]),
                "device": chosen(["desktop", "mobile"], device),
                "user_agent": chosen(_AGENTS, np.where(device == 1, 2, (luck * 10).astype(int) % 2)),
                "ip_network": "visitor",
            },
        )

    def clicks(self) -> Extract:
        """ads/clicks."""
        seen = self.clicks_frame
        numbers = self.click_numbers()
        account, ad = seen.account.to_numpy(), seen.ad.to_numpy()
        keyword = {"search_brand": "ledgerworks", "search_non_brand": "revenue attribution software"}
        return extract(
            "ads/clicks",
            seen.second.to_numpy(),
            {
                "click_id": numbered("clk", numbers[numbers >= 0], 15),
                "clicked_at": seen.second.to_numpy(),
                "platform": chosen([c.platform for c in AD_CAMPAIGNS], ad),
                "ad_type": chosen([c.ad_type for c in AD_CAMPAIGNS], ad),
                "campaign_id": chosen([c.campaign_id for c in AD_CAMPAIGNS], ad),
                "campaign_name": chosen([c.name for c in AD_CAMPAIGNS], ad),
                "ad_name": chosen(["Variant A", "Variant B"], (seen.luck.to_numpy() * 2).astype(int)),
                "keyword": chosen([keyword.get(c.ad_type) for c in AD_CAMPAIGNS], ad),
                "visitor_id": self._identity.visitor(account, seen.member.to_numpy(), seen.device.to_numpy()),
                "is_invalid": False,
            },
        )

    def form_fills(self) -> Extract:
        """web/form_fills: the forms that make leads, and downloads by people who are known already."""
        touches, filled, seconds = self.touches, self._filled, self._fill_seconds
        rows, people = touches.account.to_numpy()[filled], touches.member.to_numpy()[filled]
        makes_lead = touches.form.to_numpy()[filled] >= 0
        luck = touches.luck.to_numpy()[filled]
        heard = (luck * 97 % 1 * 11).astype(int)
        content = (luck * 31 % 1 * len(CONTENT)).astype(int)
        form = np.where(makes_lead, (luck * 17 % 1 * len(_FORMS)).astype(int), 2)
        return extract(
            "web/form_fills",
            seconds,
            {
                "form_fill_id": numbered("f", self._block + np.arange(len(filled)), 15),
                "visitor_id": self._identity.visitor(rows, people, touches.device.to_numpy()[filled]),
                "session_id": numbered("s", self.session_numbers()[filled], 15),
                "submitted_at": seconds,
                "form_name": chosen(_FORMS, form),
                "email": self._identity.email(rows, people),
                "company": self._identity.account_name(rows),
                "page_url": chosen([SITE + "/demo", SITE + "/guides/attribution"], (form == 2).astype(int)),
                "content_name": chosen(CONTENT, np.where(form == 2, content, -1)),
                "how_did_you_hear": chosen(_HEARD, np.where(heard < len(_HEARD), heard, -1)),
            },
        )

    def mails(self) -> Extract:
        """email/events: for each click the mail before it, and mails that nobody clicked."""
        touches, story = self.touches, self._story
        clicked = np.flatnonzero((touches.is_recorded & (touches.name == "email")).to_numpy())
        account, member, second, luck, device = (
            touches[c].to_numpy()[clicked] for c in ("account", "member", "second", "luck", "device")
        )
        random = stream(story.company.seed, story.accounts.block, "unread mail")
        ignored = random.random((len(clicked), 3))
        n = len(clicked)
        waits = 120 + (luck * 14000).astype(np.int64)
        parts = [
            ("sent", second - waits, np.full(n, True)),
            ("delivered", second - waits + 20, np.full(n, True)),
            ("opened", second - 60, luck * 7 % 1 < 0.85),
            ("clicked", second, ~self._replied[clicked]),
            ("replied", second, self._replied[clicked]),
        ]
        later = second + 86400 * (3 + (ignored[:, 0] * 8).astype(np.int64))
        inside = later < np.datetime64(story.company.end_date, "s").astype(np.int64)
        parts += [
            ("sent", later, inside),
            ("delivered", later + 15, inside & (ignored[:, 1] >= 0.02)),
            ("bounced", later + 15, inside & (ignored[:, 1] < 0.02)),
            ("opened", later + 7200, inside & (ignored[:, 1] > 0.7)),
            ("unsubscribed", later + 7300, inside & (ignored[:, 1] > 0.995)),
        ]
        kind = np.concatenate([np.full(int(keep.sum()), k) for k, (_, _, keep) in enumerate(parts)])
        pick = np.concatenate([np.flatnonzero(keep) for _, _, keep in parts])
        seconds = np.concatenate([times[keep] for _, times, keep in parts])
        number = np.where(np.isin(kind, (3, 4)), 0, 1 + kind) + 12 * (self._block + pick)
        message = np.where(kind >= 5, 1 + (ignored[pick, 2] * 4).astype(int), (luck[pick] * 53 % 1 * 5).astype(int))
        campaign = self._campaigns.of("email", touches.day.to_numpy()[clicked][pick])
        is_click = np.isin(kind, (3, 4))
        return extract(
            "email/events",
            seconds,
            {
                "event_id": numbered("m", number, 16),
                "occurred_at": seconds,
                "event_type": chosen([k for k, _, _ in parts], kind),
                "email": self._identity.email(account[pick], member[pick]),
                "campaign_id": numbered("nurture-", campaign, 4),
                "campaign_name": chosen(["", *self._campaigns.name], campaign),
                "message_name": chosen([f"{c} mail" for c in CONTENT], message % len(CONTENT)),
                "link_url": where(kind == 3, SITE + "/guides/attribution?utm_source=marketo&utm_medium=email", None),
                "visitor_id": where(kind == 3, self._identity.visitor(account[pick], member[pick], device[pick]), None),
                "is_machine": pa.array(np.zeros(len(is_click), dtype=bool)),
            },
        )
