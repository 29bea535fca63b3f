"""What teams said and planned: forecasts and their revisions, quotas, survey waves."""

from datetime import date

import numpy as np

from pipeline.demo.clock import epoch_seconds
from pipeline.demo.company import Company
from pipeline.demo.extract import Extract, extract
from pipeline.demo.facts import Facts
from pipeline.demo.lead_extracts import EXECUTIVE_USERS
from pipeline.demo.rng import COMPANY, stream
from pipeline.demo.texts import record_id

_DAY = 86400
#: Per submission and revision: the day of the month counted from the first (negative: from the end), spread, bias.
_LEADS = ((0, 0.45, 0.15), (14, 0.25, 0.08), (-4, 0.10, 0.02))
#: The last revision comes within so many days, each representative's on a day of their own.
_LAST_DAYS = 4
#: Pulse statements, each answered on 1 (disagree) to 5 (agree); the eNPS question on 0 to 10.
STATEMENTS = (
    "Sales and marketing share the same definition of a qualified lead",
    "I know what the other team is working on this quarter",
    "Leads that are handed over are followed up in time",
    "We agree on the goals for this quarter",
)
ENPS_QUESTION = "How likely are you to recommend working here"


def month_starts(company: Company) -> list[date]:
    """The first day of each month that lies wholly inside the period."""
    months = []
    year, month = company.start_date.year, company.start_date.month
    while True:
        month += 1
        if month == 13:
            year, month = year + 1, 1
        first = date(year, month, 1)
        following = date(year + (month == 12), month % 12 + 1, 1)
        if (following - company.end_date).days > 1:
            return months
        months.append(first)


def _day_number(day: date) -> int:
    return (day - date(1970, 1, 1)).days


def forecasts(company: Company, facts: Facts) -> Extract:
    """salesforce/forecasts: each representative's forecast of each month, every version of it.

    It is submitted at the month's start and revised in its middle and in its last days: the same record, modified
    later. Forecasts are too high on average, the more so the earlier: what will be won is known only to the simulator.
    """
    months = month_starts(company)
    won = facts.sums["won_usd_by_owner_month"]
    owners = np.arange(company.executives.count)
    random = stream(company.seed, COMPANY, "forecasts")
    dates = stream(company.seed, COMPANY, "forecast revisions")
    typical = won.mean() if won.size else 0.0
    number, owner, first, last, amount, created, second = ([] for _ in range(7))
    for m, month in enumerate(months):
        following = month.replace(year=month.year + (month.month == 12), month=month.month % 12 + 1)
        actual = won[: len(owners), m]
        for k, (day, spread, bias) in enumerate(_LEADS):
            noise = random.normal(bias, spread, len(owners))
            blend = 0.25 * typical if k == 0 else 0.0
            guess = np.maximum((actual * (0.75 if k == 0 else 1.0) + blend) * (1 + noise), 0)
            when = np.full(len(owners), _day_number(month) + max(day, 0))
            if day < 0:
                when = _day_number(following) + day + dates.integers(0, _LAST_DAYS, len(owners))
            number.append(m * 1000 + owners)
            owner.append(owners)
            first.append(np.full(len(owners), _day_number(month)))
            last.append(np.full(len(owners), _day_number(following) - 1))
            amount.append(np.rint(guess / 100) * 100)
            created.append(np.full(len(owners), _day_number(month) * _DAY + 9 * 3600))
            second.append(when * _DAY + 9 * 3600)
    columns = (number, owner, first, last, amount, created, second)
    number, owner, first, last, amount, created, second = (
        np.concatenate(c) if c else np.empty(0, dtype=np.int64) for c in columns
    )
    return extract(
        "salesforce/forecasts",
        second,
        {
            "Id": record_id("0J9", number),
            "OwnerId": record_id("005", EXECUTIVE_USERS + owner),
            "PeriodStartDate": first,
            "PeriodEndDate": last,
            "ForecastAmount": amount,
            "CurrencyIsoCode": "USD",
            "ForecastCategoryName": "Commit",
            "CreatedDate": created,
            "SystemModstamp": second,
            "IsDeleted": False,
        },
    )


def quotas(company: Company, facts: Facts) -> Extract:
    """salesforce/quotas: a monthly quota for each representative, a tenth above what the team wins on average."""
    months = month_starts(company)
    won = facts.sums["won_usd_by_owner_month"]
    amount = max(1000.0, float(np.rint(1.1 * won[:, : len(months)].mean() / 1000) * 1000)) if months else 1000.0
    owners = company.executives.count
    first = np.repeat([_day_number(m) for m in months], owners)
    following = [m.replace(year=m.year + (m.month == 12), month=m.month % 12 + 1) for m in months]
    last = np.repeat([_day_number(f) - 1 for f in following], owners)
    owner = np.tile(np.arange(owners), len(months))
    second = (first - 20).astype(np.int64) * _DAY
    return extract(
        "salesforce/quotas",
        second,
        {
            "Id": record_id("0J8", np.arange(len(owner))),
            "OwnerId": record_id("005", EXECUTIVE_USERS + owner),
            "StartDate": first,
            "EndDate": last,
            "QuotaAmount": np.full(len(owner), amount),
            "CurrencyIsoCode": "USD",
            "CreatedDate": second,
            "SystemModstamp": second,
            "IsDeleted": False,
        },
    )


def surveys(company: Company) -> list[Extract]:
    """surveys/waves and surveys/responses: a pulse and an eNPS question each quarter, in both teams."""
    random = stream(company.seed, COMPANY, "surveys")
    sizes = {
        "marketing": max(6, company.accounts // 60),
        "sales": max(9, company.sdrs.count + company.executives.count),
    }
    start = epoch_seconds(np.zeros(1), company.start_date)[0]
    waves: list[tuple] = []
    answers: list[tuple] = []
    for quarter, day in enumerate(range(20, company.days, 91)):
        sent = start + day * _DAY + 8 * 3600
        mood = 0.15 * quarter / max(1, company.days // 91)
        for team, size in sizes.items():
            for kind, questions in (("pulse", STATEMENTS), ("enps", (ENPS_QUESTION,))):
                wave = f"{kind}-{team}-{quarter + 1:02d}"
                low, high = (1, 5) if kind == "pulse" else (0, 10)
                waves.append((wave, kind, team, sent // _DAY, sent // _DAY + 10, size, low, high, sent))
                for person in range(size):
                    if random.random() > 0.78:
                        continue
                    when = int(sent + random.random() * 9 * _DAY)
                    for q, question in enumerate(questions):
                        centre = low + (high - low) * (0.55 + mood - 0.05 * (q % 3) - 0.05 * (team == "sales"))
                        value = int(np.clip(np.rint(random.normal(centre, 0.24 * (high - low))), low, high))
                        answer = value if random.random() > 0.04 else np.nan
                        answers.append((f"{wave}-{person:03d}-{q}", wave, f"p{person:03d}", question, answer, when))
    wave_columns = [np.array(c, dtype=object if isinstance(c[0], str) else None) for c in zip(*waves, strict=True)]
    names = (
        "wave_id",
        "survey_type",
        "team",
        "sent_on",
        "closes_on",
        "invited_count",
        "scale_min",
        "scale_max",
        "updated_at",
    )
    answer_columns = [np.array(c, dtype=object if isinstance(c[0], str) else None) for c in zip(*answers, strict=True)]
    answer_names = ("response_id", "wave_id", "respondent_id", "question", "answer", "answered_at")
    return [
        extract("surveys/waves", wave_columns[-1], dict(zip(names, wave_columns, strict=True))),
        extract("surveys/responses", answer_columns[-1], dict(zip(answer_names, answer_columns, strict=True))),
    ]
