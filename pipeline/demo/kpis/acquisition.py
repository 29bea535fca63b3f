"""What customers cost and brought: cost of marketing and sales against accounts by the day of their first win."""

import numpy as np
import pandas as pd

from pipeline.demo.company import MINOR_DIGITS, PRODUCTS
from pipeline.demo.kpis.cells import date_of, days_between, figure, in_periods, sums_of
from pipeline.demo.kpis.known import Known
from pipeline.demo.kpis.lifetime import expected_margins, lifetimes
from pipeline.demo.kpis.products import lines_of_closed

_SUMS = ["cost", "later_cost", "customers", "first_amount", "monthly_margin", "lifetime", "valued"]


def figures(known: Known) -> list[pd.DataFrame]:
    """cac and what compares it with first orders, margins and lifetimes, of all together; lifetimes by segment."""
    customers, costs = customers_of(known), daily_costs(known)
    lifetime = customers.margin + customers.expected
    lag = days_between(customers.first_contact, customers.closed).median()
    later = costs.date + pd.Timedelta(days=0 if np.isnan(lag) else int(np.floor(lag + 0.5)))
    is_known = later <= pd.Timestamp(known.company.end_date)
    parts = [
        costs[["date"]].assign(cost=costs.amount),
        pd.DataFrame({"date": later[is_known], "later_cost": costs.amount[is_known]}),
        customers[["date", "first_amount", "monthly_margin"]].assign(
            customers=1, lifetime=lifetime, valued=lifetime.notna().astype(int)
        ),
    ]
    events = pd.concat([part for part in parts if len(part)], ignore_index=True).reindex(columns=["date", *_SUMS])
    sums = sums_of(in_periods(events, events.date), {}, _SUMS)
    count = sums.customers
    first, margin = (sums[name].where(count > 0) for name in ("first_amount", "monthly_margin"))
    worth = sums.lifetime / sums.valued.where(sums.valued > 0) * count
    return [
        figure(sums, "cac", sums.cost, count, count),
        figure(sums, "cac_lagged", sums.later_cost, count, count),
        figure(sums, "first_order_amount", first, count, count),
        figure(sums, "cac_to_first_order", sums.cost, first, count),
        figure(sums, "cac_payback_months", sums.cost, margin, count),
        figure(sums, "clv_to_cac", worth, sums.cost, count),
        *lifetimes(customers),
    ]


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
    deals = known.book.deals[known.book.deals.outcome == "won"]
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
    """What ads cost a day, and costs spread evenly over their days in whole minor units: date, amount (reporting)."""
    ads, booked = known.shared["ads/spend"], known.shared["finance/costs"]
    parts = [pd.DataFrame({"date": pd.to_datetime(ads.spend_date), "spent": ads.cost, "currency": ads.currency})]
    for cost in booked.itertuples():
        dates = pd.date_range(cost.starts_on, cost.ends_on)
        minor = 10 ** MINOR_DIGITS[cost.currency]
        so_far = round(cost.amount * minor) * np.arange(len(dates) + 1) // len(dates)
        parts.append(pd.DataFrame({"date": dates, "spent": np.diff(so_far) / minor, "currency": cost.currency}))
    costs = pd.concat(parts, ignore_index=True)
    costs = costs[costs.date <= pd.Timestamp(known.company.end_date)]
    return costs.assign(amount=known.in_reporting_currency(costs.spent, costs.currency, costs.date, 4))
