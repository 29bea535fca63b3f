"""Campaigns: what each exposure belongs to, in the CRM, on the ad platforms and in the mailing tool."""

from dataclasses import dataclass

import numpy as np

from pipeline.demo.company import Company

#: Salesforce's type of the campaigns of a channel.
CRM_TYPES = {
    "webinar": "Webinar",
    "content_syndication": "Content Syndication",
    "trade_show": "Trade Show",
    "conference": "Trade Show",
    "field_event": "Field Event",
    "partner": "Partner",
    "referral": "Referral",
    "email": "Email",
}
_SEASONS = ("content_syndication", "partner", "referral", "email")
_TOPICS = ("Close the Books Faster", "Revenue Data You Can Trust", "Forecasting Without Spreadsheets",
           "The CFO's Marketing Question", "From Lead to Ledger", "Pipeline Reviews That Work")  # fmt: skip


@dataclass(frozen=True)
class Campaigns:
    """CRM campaigns: `number` 1.., one row each; `of` finds the one of a channel on a day."""

    channel: list[str]
    name: list[str]
    first_day: np.ndarray
    last_day: np.ndarray
    starts: dict[str, tuple[int, np.ndarray]]

    def of(self, channel: str, day: np.ndarray) -> np.ndarray:
        """Number of the channel's campaign that runs on each day."""
        base, starts = self.starts[channel]
        return base + np.maximum(np.searchsorted(starts, day, side="right") - 1, 0)


def plan(company: Company) -> Campaigns:
    """All campaigns of the period: one an event for calendar channels, one a quarter for the others."""
    channels: list[str] = []
    names: list[str] = []
    first: list[int] = []
    last: list[int] = []
    starts: dict[str, tuple[int, np.ndarray]] = {}
    for channel in CRM_TYPES:
        if channel in _SEASONS:
            days = np.arange(0, company.days, 91)
            length = 90
        else:
            days, length = company.event_days.get(channel, np.arange(0)), 1
        starts[channel] = (len(channels) + 1, days)
        for k, day in enumerate(days):
            when = company.day_of(day)
            label = _TOPICS[k % len(_TOPICS)] if channel == "webinar" else CRM_TYPES[channel]
            if channel == "conference":
                label = "Conference"
            names.append(f"{when:%Y-%m} {label} {k + 1}")
            channels.append(channel)
            first.append(int(day))
            last.append(int(day) + length)
    return Campaigns(channels, names, np.array(first, dtype=np.int64), np.array(last, dtype=np.int64), starts)


@dataclass(frozen=True)
class AdCampaign:
    """A campaign on an ad platform; `click_cost` is its price of a click in `currency`."""

    campaign_id: str
    name: str
    channel: str
    ad_type: str
    platform: str
    utm_source: str
    utm_medium: str
    click_cost: float
    currency: str = "USD"


AD_CAMPAIGNS = (
    AdCampaign("1001", "brand_core", "paid_search_brand", "search_brand", "google_ads", "google", "cpc", 2.1),
    AdCampaign("1002", "brand_emea", "paid_search_brand", "search_brand", "google_ads", "google", "cpc", 1.8, "EUR"),
    AdCampaign("1101", "nb_revenue_software", "paid_search_non_brand", "search_non_brand", "google_ads", "google",
               "cpc", 14.0),
    AdCampaign("1102", "nb_attribution", "paid_search_non_brand", "search_non_brand", "google_ads", "google", "cpc",
               17.5),
    AdCampaign("2101", "nb_forecasting_bing", "paid_search_non_brand", "search_non_brand", "microsoft_ads", "bing",
               "cpc", 9.5),
    AdCampaign("3001", "li_sponsored_finance", "paid_social", "social", "linkedin_ads", "linkedin", "paid_social", 9.0),
    AdCampaign("3002", "li_sponsored_revops", "paid_social", "social", "linkedin_ads", "linkedin", "paid_social", 8.2),
    AdCampaign("4001", "display_prospecting", "display", "display", "dv360", "dv360", "display", 3.0),
    AdCampaign("4002", "display_retargeting", "display", "display", "dv360", "dv360", "display", 2.2),
    AdCampaign("5001", "reviews_category", "review_site", "review_site", "g2", "g2", "review_site", 22.0),
    AdCampaign("6001", "synd_whitepaper", "content_syndication", "content_syndication", "netline", "netline",
               "content_syndication", 28.0, "GBP"),
)  # fmt: skip


def ad_campaigns_of(channel: str) -> list[int]:
    """Row numbers in `AD_CAMPAIGNS` of a channel's ad campaigns."""
    return [k for k, campaign in enumerate(AD_CAMPAIGNS) if campaign.channel == channel]
