"""Accounts and the people of their buying groups: what does not change while the world runs."""

from dataclasses import dataclass, fields

import numpy as np

from pipeline.demo.company import COUNTRY_COUNTS, INDUSTRIES, REGION_HOURS, REGION_SHARES, Company
from pipeline.demo.rng import BLOCK_ACCOUNTS, stream

#: People of a buying group that are simulated; fewer in small accounts.
GROUP_SIZE = 7
#: The first people of a group, who may come in as leads.
LEAD_SLOTS = 4

ROLES = ("User", "Influencer", "Champion", "Decision Maker", "Procurement")
TITLES = {
    "User": ("Analyst", "Operations Specialist", "Data Engineer"),
    "Influencer": ("Architect", "Team Lead", "Security Lead"),
    "Champion": ("Head of Operations", "RevOps Manager", "Director of Analytics"),
    "Decision Maker": ("VP Revenue", "CFO", "COO"),
    "Procurement": ("Procurement Manager", "Sourcing Lead", "Buyer"),
}
#: Role of each member of a group: leads are mostly users and champions, signers come later.
_ROLE_ORDER = np.array([[0, 2, 1, 3, 0, 4, 1], [2, 0, 3, 1, 4, 0, 1], [1, 2, 0, 0, 3, 4, 0]], dtype=np.int8)


@dataclass(frozen=True)
class Accounts:
    """One block of accounts. Arrays have one row an account; `number` counts over the whole company."""

    block: int
    number: np.ndarray
    fit: np.ndarray
    industry: np.ndarray
    employees: np.ndarray
    region: np.ndarray
    country: np.ndarray
    segment: np.ndarray
    is_target: np.ndarray
    is_reached: np.ndarray
    list_day: np.ndarray
    utc_offset_days: np.ndarray
    sdr: np.ndarray
    executive: np.ndarray
    deal_size: np.ndarray
    group_size: np.ndarray
    role: np.ndarray
    first_name: np.ndarray
    last_name: np.ndarray
    title: np.ndarray
    uses_free_mail: np.ndarray
    name_parts: np.ndarray
    market_starts: np.ndarray
    market_ends: np.ndarray

    @property
    def count(self) -> int:
        """How many rows there are."""
        return len(self.number)

    @classmethod
    def side_by_side(cls, lives: list["Accounts"]) -> "Accounts":
        """Several lives of a block as one: their accounts stand behind each other."""
        arrays = {f.name: np.concatenate([getattr(a, f.name) for a in lives]) for f in fields(cls) if f.name != "block"}
        return cls(block=lives[0].block, **arrays)


def blocks(accounts: int) -> int:
    """How many blocks a company of this many accounts has."""
    return -(-accounts // BLOCK_ACCOUNTS)


def settle(company: Company, block: int, replication: int = 0) -> Accounts:
    """The accounts of one block; a `replication` has the same accounts with other spells in the market."""
    start = block * BLOCK_ACCOUNTS
    n = min(BLOCK_ACCOUNTS, company.accounts - start)
    random = stream(company.seed, block, "accounts")
    world = company.world
    fit = random.normal(size=n)
    employees = np.exp(random.normal(5.0, 1.3, n) + 0.25 * fit).clip(8, 60000).astype(np.int64)
    region = random.choice(len(REGION_SHARES), n, p=REGION_SHARES)
    is_target = random.random(n) < np.where(fit > 0.3, 0.6, 0.25)
    listed = random.random(n) < world.list_lead_share
    list_day = np.where(listed, (random.random(n) * company.days * 0.7).astype(int), -1)
    people = (n, GROUP_SIZE)
    starts, ends = _market_spells(company, block, n, replication)
    return Accounts(
        block=block,
        number=np.arange(start, start + n, dtype=np.int64),
        fit=fit,
        industry=random.integers(0, len(INDUSTRIES), n),
        employees=employees,
        region=region,
        country=(random.random(n) * COUNTRY_COUNTS[region]).astype(int),
        segment=np.digitize(employees, (150, 1000)),
        is_target=is_target,
        is_reached=random.random(n) >= world.unreached_share,
        list_day=list_day,
        utc_offset_days=np.array(REGION_HOURS)[region] / 24.0,
        sdr=random.integers(0, company.sdrs.count, n),
        executive=random.integers(0, company.executives.count, n),
        deal_size=9000.0 * np.exp(0.35 * np.log(employees / 150.0) + random.normal(0, 0.35, n)),
        group_size=(3 + random.integers(0, 3, n) + (employees > 1000)).clip(3, GROUP_SIZE),
        role=_ROLE_ORDER[random.integers(0, len(_ROLE_ORDER), n)],
        first_name=random.integers(0, 26, people),
        last_name=random.integers(0, 34, people),
        title=random.integers(0, 3, people),
        uses_free_mail=random.random(people) < 0.05,
        name_parts=random.integers(0, 1 << 20, (n, 3)),
        market_starts=starts,
        market_ends=ends,
    )


def _market_spells(company: Company, block: int, n: int, replication: int) -> tuple[np.ndarray, np.ndarray]:
    """Start and end day of each spell in the market, one column a spell; it owes nothing to marketing."""
    world = company.world
    random = stream(company.seed, block, "market", replication)
    most = 2 + int(2.5 * company.days / 365 * world.in_market_per_year)
    gaps = random.exponential(365.0 / world.in_market_per_year, (n, most))
    gaps[:, 0] -= random.random(n) * world.in_market_days
    lasts = random.gamma(3.0, world.in_market_days / 3.0, (n, most))
    starts = np.cumsum(gaps, axis=1)
    starts[:, 1:] += np.cumsum(lasts, axis=1)[:, :-1]
    return starts, starts + lasts
