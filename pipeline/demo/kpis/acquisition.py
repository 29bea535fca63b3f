"""What customers cost and brought: cost of marketing and sales against accounts by the day of their first win."""

import numpy as np
import pandas as pd

from pipeline.demo.campaigns import AD_CAMPAIGNS
from pipeline.demo.company import MINOR_DIGITS, PRODUCTS
from pipeline.demo.kpis.cells import Cells, date_of, days_between, figure
from pipeline.demo.kpis.known import Known
from pipeline.demo.kpis.lifetime import expected_margins, lifetimes
from pipeline.demo.kpis.products import lines_of_closed

#: How channels are grouped; costs of no channel are of none.
_GROUPS = {
    channel: group
    for group, channels in {
        "paid": ("paid_search_brand", "paid_search_non_brand", "paid_social", "display", "review_site",
                 "content_syndication"),
        "organic": ("organic_search", "organic_social", "direct", "referral"),
        "owned": ("email",),
        "event": ("webinar", "trade_show", "conference", "field_event"),
        "outbound": ("sdr_outbound", "executive_meeting", "sales_meeting"),
        "other": ("partner",),
        "none": ("unallocated", "unattributed"),
    }.items()
    for channel in channels
}  # fmt: skip
_SUMS = ["cost", "later_cost", "customers", "first_amount", "monthly_margin", "lifetime", "valued"]


def figures(known: Known) -> list[pd.DataFrame]:
    """cac and what compares it with first orders, margins and lifetimes, of all together; cac by channel; lifetimes."""
    customers, costs = customers_of(known), daily_costs(known)
    lifetime = customers.margin + customers.expected
    cycle = days_between(customers.first_contact, customers.closed)
    spent = _spent(known, costs, cycle[cycle >= 0].median())
    parts = [
        spent,
        customers[["date", "first_amount", "monthly_margin"]].assign(
            customers=1, lifetime=lifetime, valued=lifetime.notna().astype(int)
        ),
    ]
    sums = _sums(parts, {}, _SUMS)
    count = sums.customers
    first, margin = (sums[name].where(count > 0) for name in ("first_amount", "monthly_margin"))
    worth = sums.lifetime / sums.valued.where(sums.valued > 0) * count
    brought = known.book.brought.merge(customers[["account", "date"]], on="account").rename(
        columns={"share": "customers"}
    )
    of_channels = _sums([spent, brought], {"channel": "channel", "channel_group": "group"}, _SUMS[:3])
    of_channels = of_channels[of_channels.segment_type != "overall"]
    shares = of_channels.customers
    return [
        figure(sums, "cac", sums.cost, count, count),
        figure(sums, "cac_lagged", sums.later_cost, count, count),
        figure(of_channels, "cac", of_channels.cost, shares, np.floor(shares + 0.5)),
        figure(of_channels, "cac_lagged", of_channels.later_cost, shares, np.floor(shares + 0.5)),
        figure(sums, "first_order_amount", first, count, count),
        figure(sums, "cac_to_first_order", sums.cost, first, count),
        figure(sums, "cac_payback_months", sums.cost, margin, count),
        figure(sums, "clv_to_cac", worth, sums.cost, count),
        *lifetimes(customers),
    ]


def _spent(known: Known, costs: pd.DataFrame, lag: float) -> pd.DataFrame:
    """Costs on their day as `cost`, and as `later_cost` on the day that their customers come by the median cycle."""
    later = costs.date + pd.Timedelta(days=0 if np.isnan(lag) else int(np.floor(lag + 0.5)))
    is_known = later <= pd.Timestamp(known.company.end_date)
    now = costs[["date", "channel"]].assign(cost=costs.amount)
    then = pd.DataFrame({"date": later, "channel": costs.channel, "later_cost": costs.amount})
    return pd.concat([now, then[is_known]], ignore_index=True)


def _sums(parts: list[pd.DataFrame], segments: dict[str, str], names: list[str]) -> pd.DataFrame:
    events = pd.concat([part for part in parts if len(part)], ignore_index=True)
    events = events.reindex(columns=["date", "channel", *names])
    channel = events.channel.fillna("unallocated")
    events = events.assign(channel=channel, group=channel.map(_GROUPS))
    return Cells(events, events.date, segments).totals({name: events[name] for name in names})


def customers_of(known: Known) -> pd.DataFrame:
    """First wins: date, first_contact, closed, owner, type, first_amount, monthly_margin, margin (of all wins so far),
    expected (margin to come).

    The margin of a month is that of the first deal's subscription at the margin of its lines.
    """
    lines = lines_of_closed(known)
    lines = lines[lines.is_won]
    # The price list is by the year, quantities are of months.
    unit_cost = np.array([round(product.unit_cost / 12, 2) for product in PRODUCTS])[lines.number]
    lines = lines.assign(margin=lines.amount - lines.quantity * unit_cost)
    margins = lines.groupby(["account", "deal"]).margin.sum()
    deals = known.deals[known.deals.outcome == "won"]
    deals = deals.assign(day=date_of(deals.closed)).sort_values(["account", "day", "deal"])
    first = deals.drop_duplicates("account").reset_index(drop=True)
    key = pd.MultiIndex.from_frame(first[["account", "deal"]])
    amount = known.in_reporting_currency(first.amount, first.currency, first.day)
    terms = known.book.terms
    yearly = known.yearly_amounts().groupby([terms.account, terms.deal]).sum().reindex(key).to_numpy()
    revenue = known.in_reporting_currency(deals.amount, deals.currency, deals.day)
    revenue = first.account.map(pd.Series(revenue, index=deals.index).groupby(deals.account).sum()).astype(float)
    margin = first.account.map(margins.groupby("account").sum()).astype(float)
    return first.assign(
        date=first.day,
        first_amount=amount,
        monthly_margin=np.round(yearly / 12 * margins.reindex(key).to_numpy() / amount, 4),
        margin=margin,
        expected=expected_margins(known, first.account, margin / revenue),
    )


def daily_costs(known: Known) -> pd.DataFrame:
    """What ads cost a day, and costs spread evenly over their days in whole minor units: date, channel, amount."""
    ads, booked = known.shared["ads/spend"], known.shared["finance/costs"]
    starts = booked.starts_on.to_numpy().astype("datetime64[D]")
    days = (booked.ends_on.to_numpy().astype("datetime64[D]") - starts).astype(np.int64) + 1
    row = np.repeat(np.arange(len(booked)), days)
    number = np.arange(len(row)) - np.repeat(np.cumsum(days) - days, days)
    minor = 10 ** booked.currency.map(MINOR_DIGITS).to_numpy()
    whole = np.rint(booked.amount.to_numpy() * minor).astype(np.int64)[row]
    spent = (whole * (number + 1) // days[row] - whole * number // days[row]) / minor[row]
    columns = {"currency": booked.currency.to_numpy()[row], "channel": booked.channel.to_numpy()[row]}
    daily = pd.DataFrame({"date": (starts[row] + number).astype("datetime64[ns]"), "spent": spent} | columns)
    names = {campaign.campaign_id: campaign.channel for campaign in AD_CAMPAIGNS}
    ads = pd.DataFrame(
        {
            "date": pd.to_datetime(ads.spend_date),
            "spent": ads.cost,
            "currency": ads.currency,
            "channel": ads.campaign_id.map(names),
        }
    )
    costs = pd.concat([ads, daily], ignore_index=True)
    costs = costs[costs.date <= pd.Timestamp(known.company.end_date)]
    return costs.assign(amount=known.in_reporting_currency(costs.spent, costs.currency, costs.date, 4))
