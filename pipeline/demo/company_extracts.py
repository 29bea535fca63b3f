"""Extracts about the company as a whole: users, products, campaigns, events, spend, costs, exchange rates."""

import numpy as np

from pipeline.demo.campaigns import AD_CAMPAIGNS, CRM_TYPES, Campaigns
from pipeline.demo.clock import epoch_seconds
from pipeline.demo.company import PLAN_RATES, PRODUCTS, Company
from pipeline.demo.extract import Extract, extract
from pipeline.demo.lead_extracts import EXECUTIVE_USERS, MARKETING_USERS, SDR_USERS
from pipeline.demo.rng import COMPANY, stream
from pipeline.demo.texts import chosen, numbered, record_id

_DAY = 86400
_CITIES = ("Chicago", "Berlin", "London", "Tokyo", "Austin", "Amsterdam")
_COUNTRIES = ("United States", "Germany", "United Kingdom", "Japan", "United States", "Netherlands")


def _second(company: Company, day: np.ndarray | int) -> np.ndarray:
    return epoch_seconds(np.atleast_1d(np.asarray(day, dtype=float)), company.start_date)


def users(company: Company) -> Extract:
    """salesforce/users: marketing, development and account representatives and their managers."""
    teams = (
        (MARKETING_USERS, ["Mara Operations"], "Marketing", "Marketing Operations Manager"),
        (SDR_USERS - 1, ["Sam Director"], "Sales", "Sales Development Manager"),
        (SDR_USERS, list(company.sdrs.names), "Sales", "Sales Development Representative"),
        (EXECUTIVE_USERS - 1, ["Avery Director"], "Sales", "VP Sales"),
        (EXECUTIVE_USERS, list(company.executives.names), "Sales", "Account Executive"),
    )
    number, name, department, title, team, manager = ([] for _ in range(6))
    for first, names, of, role in teams:
        for k, person in enumerate(names):
            number.append(first + k)
            name.append(person)
            department.append(of)
            title.append(role)
            is_rep = first in (SDR_USERS, EXECUTIVE_USERS)
            team.append(f"{'SDR' if first < EXECUTIVE_USERS - 1 else 'AE'} team {k % 3 + 1}" if is_rep else None)
            manager.append(first - 1 if is_rep else -1)
    numbers = np.array(number)
    seconds = np.repeat(_second(company, -400), len(numbers))
    mail = [f"{n.lower().replace(' ', '.')}.{k}@ledgerworks.example" for k, n in zip(number, name, strict=True)]
    return extract(
        "salesforce/users",
        seconds,
        {
            "Id": record_id("005", numbers),
            "Name": np.array(name, dtype=object),
            "Email": np.array(mail, dtype=object),
            "Title": np.array(title, dtype=object),
            "Department": np.array(department, dtype=object),
            "Team__c": np.array(team, dtype=object),
            "ManagerId": record_id("005", np.array(manager)),
            "IsActive": True,
            "CreatedDate": seconds,
            "SystemModstamp": seconds,
            "IsDeleted": False,
        },
    )


def products(company: Company) -> Extract:
    """salesforce/products."""
    seconds = np.repeat(_second(company, -400), len(PRODUCTS))
    return extract(
        "salesforce/products",
        seconds,
        {
            "Id": record_id("01t", 1 + np.arange(len(PRODUCTS))),
            "Name": np.array([p.name for p in PRODUCTS], dtype=object),
            "ProductCode": np.array([p.code for p in PRODUCTS], dtype=object),
            "Family": np.array([p.family for p in PRODUCTS], dtype=object),
            "IsActive": True,
            "UnitCost__c": np.array([round(p.unit_cost / 12, 2) for p in PRODUCTS]),
            "CreatedDate": seconds,
            "SystemModstamp": seconds,
            "IsDeleted": False,
        },
    )


def _scale(company: Company) -> float:
    """Budgets grow a little slower than the market they work on."""
    return (company.accounts / 300) ** 0.9


_EVENT_COST = {"webinar": 900.0, "trade_show": 9000.0, "conference": 7000.0, "field_event": 3500.0}


def campaigns(company: Company, plan: Campaigns) -> Extract:
    """salesforce/campaigns: planned four weeks before they start."""
    first = plan.first_day
    seconds = _second(company, first - 28.0)
    cost = np.array([_EVENT_COST.get(c, 0.0) for c in plan.channel]) * _scale(company)
    days = seconds[:0] if len(first) == 0 else _second(company, first) // _DAY
    return extract(
        "salesforce/campaigns",
        seconds,
        {
            "Id": record_id("701", 1 + np.arange(len(first))),
            "Name": np.array(plan.name, dtype=object),
            "Type": np.array([CRM_TYPES[c] for c in plan.channel], dtype=object),
            "Status": "In Progress",
            "StartDate": days,
            "EndDate": days + plan.last_day - first,
            "ActualCost": np.rint(cost),
            "CurrencyIsoCode": "USD",
            "IsActive": True,
            "CreatedDate": seconds,
            "SystemModstamp": seconds,
            "IsDeleted": False,
        },
    )


def offline_events(company: Company, plan: Campaigns) -> Extract:
    """offline/events: shows, conferences and field events, and the month's executive meetings."""
    kinds = ("trade_show", "conference", "field_event")
    rows = np.array([k for k, c in enumerate(plan.channel) if c in kinds], dtype=np.int64)
    months = np.arange(0, -(-company.days // 30))
    first = np.concatenate([plan.first_day[rows], months * 30])
    length = np.concatenate([[2 if plan.channel[k] != "field_event" else 0 for k in rows], np.full(len(months), 29)])
    meeting = np.concatenate([np.zeros(len(rows), dtype=bool), np.ones(len(months), dtype=bool)])
    types = np.array([plan.channel[k] for k in rows] + ["executive_meeting"] * len(months), dtype=object)
    names = np.array(
        [plan.name[k] for k in rows] + [f"Executive meetings {company.day_of(m * 30):%Y-%m}" for m in months],
        dtype=object,
    )
    ids = list(numbered("evt-", 1 + rows, 4)) + list(numbered("exec-", months, 4))
    seconds = _second(company, first - 28.0)
    city = np.arange(len(first)) % len(_CITIES)
    campaign = np.concatenate([1 + rows, np.full(len(months), -1)])
    days = _second(company, first) // _DAY
    return extract(
        "offline/events",
        seconds,
        {
            "event_id": np.array([i.as_py() for i in ids], dtype=object),
            "event_name": names,
            "event_type": types,
            "starts_on": days,
            "ends_on": days + length,
            "city": chosen(_CITIES, np.where(meeting, -1, city)),
            "country": chosen(_COUNTRIES, np.where(meeting, -1, city)),
            "campaign_id": record_id("701", campaign),
            "updated_at": seconds,
        },
    )


def spend(company: Company, clicks: np.ndarray, until: int) -> Extract:
    """ads/spend as known at a second: platforms state a day's cost that evening and correct it two days later.

    `clicks` is how many clicks each campaign had a day, (days, campaigns).
    """
    random = stream(company.seed, COMPANY, "spend")
    shape = (company.days, len(AD_CAMPAIGNS))
    noise, first_guess, views = random.normal(0, 0.08, shape), random.normal(0, 0.03, shape), random.random(shape)
    price = np.array([c.click_cost for c in AD_CAMPAIGNS])
    # Waste: clicks by people who are no accounts of this market cost as much again as those that are.
    other = np.maximum(np.rint(clicks.mean(axis=0) * (1 + 0.4 * noise) * 1.2), 0)
    total = (clicks + other).astype(np.int64)
    final = np.round(total * price * np.exp(noise), 2)
    day = np.arange(company.days)[:, None] + np.zeros(shape, dtype=np.int64)
    stated = epoch_seconds(day.astype(float), company.start_date) + 64800
    corrected = stated + 2 * _DAY
    seen = (stated <= until).ravel()
    is_final = corrected <= until
    cost = np.where(is_final, final, np.round(final * np.exp(first_guess), 2))
    campaign = np.broadcast_to(np.arange(shape[1]), shape).ravel()[seen]
    modified = np.where(is_final, corrected, stated).ravel()[seen]
    return extract(
        "ads/spend",
        modified,
        {
            "spend_date": stated.ravel()[seen] // _DAY,
            "platform": chosen([c.platform for c in AD_CAMPAIGNS], campaign),
            "ad_type": chosen([c.ad_type for c in AD_CAMPAIGNS], campaign),
            "campaign_id": chosen([c.campaign_id for c in AD_CAMPAIGNS], campaign),
            "campaign_name": chosen([c.name for c in AD_CAMPAIGNS], campaign),
            "impressions": (total * (60 + 90 * views)).astype(np.int64).ravel()[seen],
            "clicks": total.ravel()[seen],
            "cost": cost.ravel()[seen],
            "currency": chosen([c.currency for c in AD_CAMPAIGNS], campaign),
            "updated_at": modified,
        },
    )


def costs(company: Company, plan: Campaigns) -> Extract:
    """finance/costs: monthly salaries, tools and content, and each event."""
    months = sorted({(d.year, d.month) for d in map(company.day_of, range(company.days))})
    people = company.sdrs.count, company.executives.count
    monthly = (
        ("sales", "salaries", "sdr_outbound", 5200.0 * people[0], "USD"),
        ("sales", "salaries", None, 9800.0 * people[1], "USD"),
        ("sales", "tools", None, 140.0 * sum(people), "USD"),
        ("marketing", "salaries", None, 14000.0 * _scale(company), "USD"),
        ("marketing", "content", "organic_search", 2500.0 * _scale(company), "USD"),
        ("marketing", "content", "organic_social", 900.0 * _scale(company), "EUR"),
        ("marketing", "tools", "email", 700.0 * _scale(company), "USD"),
        ("marketing", "agency", "partner", 1200.0 * _scale(company), "GBP"),
        ("marketing", "events", "executive_meeting", 1100.0 * _scale(company), "USD"),
    )
    rows = []
    for year, month in months:
        starts = np.datetime64(f"{year}-{month:02d}-01", "D")
        ends = (starts.astype("datetime64[M]") + np.timedelta64(1, "M")).astype("datetime64[D]") - np.timedelta64(
            1, "D"
        )
        for k, (department, category, channel, amount, currency) in enumerate(monthly):
            key = f"cost-{year}{month:02d}-{k:02d}"
            rows.append((key, starts, ends, department, category, channel, -1, round(amount, 2), currency))
    for k, channel in enumerate(plan.channel):
        if channel in _EVENT_COST:
            day = np.datetime64(company.day_of(plan.first_day[k]), "D")
            amount = round(_EVENT_COST[channel] * _scale(company), 2)
            rows.append((f"cost-evt-{k + 1:04d}", day, day, "marketing", "event", channel, k + 1, amount, "USD"))
    columns = list(zip(*rows, strict=True))
    starts = np.array(columns[1]).astype(np.int64)
    seconds = starts * _DAY + 7 * 3600
    return extract(
        "finance/costs",
        seconds,
        {
            "cost_id": np.array(columns[0], dtype=object),
            "starts_on": starts,
            "ends_on": np.array(columns[2]).astype(np.int64),
            "department": np.array(columns[3], dtype=object),
            "category": np.array(columns[4], dtype=object),
            "channel": np.array(columns[5], dtype=object),
            "campaign_id": record_id("701", np.array(columns[6])),
            "amount": np.array(columns[7]),
            "currency": np.array(columns[8], dtype=object),
            "updated_at": seconds,
        },
    )


def exchange_rates(company: Company) -> Extract:
    """finance/exchange_rates: each currency to USD, every day, from a month before the period."""
    days = np.arange(-31, company.days)
    random = stream(company.seed, COMPANY, "exchange rates")
    codes = list(PLAN_RATES)
    steps = random.normal(0, 0.004, (len(days), len(codes)))
    walk = np.zeros(len(codes))
    rates = np.empty(steps.shape)
    for k, step in enumerate(steps):
        walk = 0.98 * walk + step
        rates[k] = np.array([PLAN_RATES[c] for c in codes]) * np.exp(walk)
    rates[:, codes.index("USD")] = 1.0
    seconds = np.repeat(_second(company, days), len(codes)) + 6 * 3600
    currency = np.tile(np.arange(len(codes)), len(days))
    return extract(
        "finance/exchange_rates",
        seconds,
        {
            "rate_date": seconds // _DAY,
            "currency": chosen(codes, currency),
            "reporting_currency": "USD",
            "rate": np.round(rates.ravel(), 8),
            "updated_at": seconds,
        },
    )
