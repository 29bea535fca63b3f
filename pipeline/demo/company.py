"""The company itself: its people, products, currencies, regions and calendar of events."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from pipeline.demo.rng import COMPANY, stream
from pipeline.demo.world import World

REGIONS = ("North America", "EMEA", "UK & Ireland", "APAC")
#: Per region: share of accounts, currency, hours from UTC, countries.
REGION_SHARES = (0.45, 0.28, 0.15, 0.12)
REGION_CURRENCIES = ("USD", "EUR", "GBP", "JPY")
REGION_HOURS = (-6, 1, 0, 9)
REGION_COUNTRIES = (
    ("United States", "Canada"),
    ("Germany", "France", "Netherlands", "Spain"),
    ("United Kingdom", "Ireland"),
    ("Japan", "Singapore"),
)
COUNTRY_COUNTS = np.array([len(countries) for countries in REGION_COUNTRIES])
#: Reporting currency for one unit, as planned; the daily rate walks around it.
PLAN_RATES = {"USD": 1.0, "EUR": 1.09, "GBP": 1.27, "JPY": 0.0067}
MINOR_DIGITS = {"USD": 2, "EUR": 2, "GBP": 2, "JPY": 0}

INDUSTRIES = ("Software", "Manufacturing", "Financial Services", "Healthcare", "Retail", "Logistics", "Education")
SEGMENTS = ("SMB", "Mid-Market", "Enterprise")


@dataclass(frozen=True)
class Product:
    """A product on the price list, in USD a year."""

    name: str
    code: str
    family: str
    list_price: float
    unit_cost: float


PRODUCTS = (
    Product("Ledger Core", "LC-100", "Platform", 9600.0, 1900.0),
    Product("Ledger Insights", "LI-200", "Analytics", 4800.0, 700.0),
    Product("Ledger Connect", "LN-300", "Integration", 3600.0, 900.0),
    Product("Ledger Assist", "LA-400", "Services", 2400.0, 1500.0),
    Product("Ledger Archive", "LR-500", "Platform", 1800.0, 300.0),
)


#: How often each product leads a deal.
PRODUCT_MIX = (0.34, 0.24, 0.18, 0.14, 0.10)


@dataclass(frozen=True)
class Reps:
    """Representatives: who they are, how well they sell and how fast they answer.

    Index 0..count-1; `speed_hours` is the median wait before they act, `skill` is added to the
    index of every decision they handle.
    """

    names: tuple[str, ...]
    speed_hours: np.ndarray
    skill: np.ndarray

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.names)


@dataclass(frozen=True)
class Company:
    """One company over one period. Day 0 is `start_date`; times are days since its midnight, in UTC."""

    seed: int
    accounts: int
    days: int
    end_date: date
    world: World
    sdrs: Reps
    executives: Reps
    #: Days of events per channel that has a calendar, in the order of `world.channels`.
    event_days: dict[str, np.ndarray]

    @property
    def start_date(self) -> date:
        """The date of day 0."""
        return self.end_date - timedelta(days=self.days - 1)

    def day_of(self, day: int) -> date:
        """The calendar date of a day number."""
        return self.start_date + timedelta(days=int(day))


_FIRST = (
    "Ada", "Bruno", "Carla", "Dmitri", "Elena", "Farid", "Grace", "Hugo", "Ines", "Jonas", "Keiko", "Liam", "Maya",
    "Noah", "Olga", "Pablo", "Quinn", "Rosa", "Sven", "Tara", "Umar", "Vera", "Wim", "Xenia", "Yusuf", "Zoe",
)  # fmt: skip
_LAST = (
    "Abbott", "Berg", "Castillo", "Dahl", "Eriksen", "Fischer", "Garcia", "Hansen", "Ito", "Jansen", "Kowalski",
    "Lambert", "Moreau", "Nakamura", "Okafor", "Patel", "Quist", "Rossi", "Schmidt", "Tanaka", "Ueda", "Vasquez",
    "Weber", "Xu", "Young", "Zimmer", "Arnold", "Baker", "Cohen", "Duarte", "Evans", "Fontaine", "Gruber", "Haas",
)  # fmt: skip
FIRST_NAMES = np.array(_FIRST)
LAST_NAMES = np.array(_LAST)

#: Days between the events of each calendar channel.
_EVENT_GAPS = {"webinar": 14, "trade_show": 90, "conference": 120, "field_event": 45}


def found(seed: int, accounts: int, days: int, end_date: date, world: World) -> Company:
    """The company with this seed: representatives and calendar drawn, nothing has happened yet."""
    random = stream(seed, COMPANY, "representatives")
    sdrs = _reps(random, min(400, max(3, accounts // 120)), 3.0)
    executives = _reps(random, min(600, max(4, accounts // 80)), 12.0)
    events = {}
    for channel in (c for c in world.channels if c.calendar):
        gap = _EVENT_GAPS[channel.name]
        draws = stream(seed, COMPANY, f"calendar {channel.name}")
        first = int(draws.integers(3, gap))
        planned = np.arange(first, days, gap) + draws.integers(-2, 3, len(np.arange(first, days, gap)))
        events[channel.name] = _to_working_day(np.clip(planned, 0, days - 1), end_date - timedelta(days=days - 1))
    return Company(seed, accounts, days, end_date, world, sdrs, executives, events)


def _to_working_day(days: np.ndarray, start: date) -> np.ndarray:
    weekday = (days + start.weekday()) % 7
    return np.unique(np.where(weekday >= 5, days - (weekday - 4), days).clip(0))


def _reps(random: np.random.Generator, count: int, median_hours: float) -> Reps:
    first = random.permutation(len(FIRST_NAMES) * len(LAST_NAMES))[:count]
    names = tuple(f"{_FIRST[k % len(_FIRST)]} {_LAST[k // len(_FIRST)]}" for k in first)
    return Reps(names, median_hours * np.exp(random.normal(0, 0.6, count)), random.normal(0, 0.15, count))
