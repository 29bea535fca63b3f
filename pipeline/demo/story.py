"""What happened to each lead, contact and deal of a block, as tables, in UTC seconds."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from pipeline.demo.clock import epoch_seconds
from pipeline.demo.company import MINOR_DIGITS, PLAN_RATES, PRODUCT_MIX, PRODUCTS, REGION_CURRENCIES, Company
from pipeline.demo.deals import RENEWAL
from pipeline.demo.log import Log
from pipeline.demo.people import GROUP_SIZE, Accounts
from pipeline.demo.rng import stream

NEVER = np.int64(2**62)
_LINES = 3


@dataclass(frozen=True, eq=False)
class Story:
    """The factual world of one block of accounts, told from its log.

    `events` has one row per event with `second` (UTC). Times of the frames below are such seconds.
    """

    company: Company
    accounts: Accounts
    events: pd.DataFrame
    exposures: pd.DataFrame

    @classmethod
    def tell(cls, company: Company, accounts: Accounts, log: Log) -> "Story":
        """The story of a log; what lies after the last simulated midnight (UTC) is not told."""
        events = log.frame()
        offset = accounts.utc_offset_days[events.account.to_numpy()]
        events["second"] = epoch_seconds(events["at"].to_numpy() - offset, company.start_date)
        end = epoch_seconds(np.array([company.days]), company.start_date)[0]
        events = events[events.second < end].reset_index(drop=True)
        return cls(company, accounts, events, log.exposures())

    @cached_property
    def end(self) -> int:
        """The first second that nothing is told of."""
        return int(epoch_seconds(np.array([self.company.days]), self.company.start_date)[0])

    @cached_property
    def leads(self) -> pd.DataFrame:
        """One row per lead: account, slot, created, is_listed, converted (second or NaN), deal (-1: none)."""
        events = self.events[self.events.slot >= 0]
        first = events.drop_duplicates(["account", "slot"])
        leads = first[["account", "slot"]].assign(created=first.second, is_listed=first.kind == "lead_listed")
        converted = events[events.kind == "converted"][["account", "slot", "second", "deal"]]
        leads = leads.merge(converted.rename(columns={"second": "converted"}), on=["account", "slot"], how="left")
        leads["deal"] = leads.deal.fillna(-1).astype(np.int64)
        return leads.sort_values(["account", "slot"]).reset_index(drop=True)

    @cached_property
    def lead_created(self) -> np.ndarray:
        """When each person became a lead, (accounts, people); NEVER if they did not."""
        created = np.full((self.accounts.count, GROUP_SIZE), NEVER)
        created[self.leads.account, self.leads.slot] = self.leads.created
        return created

    @cached_property
    def contact_created(self) -> np.ndarray:
        """When each person became a contact, by conversion or added by a representative, (accounts, people)."""
        created = np.full((self.accounts.count, GROUP_SIZE), NEVER)
        converted = self.leads[self.leads.converted.notna()]
        created[converted.account, converted.slot] = converted.converted.astype(np.int64)
        deals = self.deals.drop_duplicates("account")
        rows = deals.account.to_numpy()
        random = stream(self.company.seed, self.accounts.block, "added contacts")
        after = random.random((self.accounts.count, GROUP_SIZE, 2))[rows]
        member = np.arange(GROUP_SIZE)
        added = self.lead_created[rows] == NEVER
        added &= (member < self.accounts.group_size[rows, None]) & (after[..., 0] < 0.75)
        times = deals.created.to_numpy()[:, None] + 3600 + (after[..., 1] * 20 * 86400).astype(np.int64)
        created[rows] = np.where(added, times, created[rows])
        return created

    def is_known(self, touches: pd.DataFrame) -> np.ndarray:
        """Whether the CRM knew the person of each touch (account, member, second) by then."""
        person = touches.account.to_numpy(), touches.member.to_numpy()
        return np.minimum(self.lead_created[person], self.contact_created[person]) < touches.second.to_numpy()

    @cached_property
    def account_created(self) -> np.ndarray:
        """When each account entered the CRM, (accounts): targets before day 0, others at the first conversion."""
        random = stream(self.company.seed, self.accounts.block, "target accounts")
        before = epoch_seconds(-1 - 300 * random.random(self.accounts.count), self.company.start_date)
        converted = self.leads[self.leads.converted.notna()].groupby("account").converted.min()
        created = np.full(self.accounts.count, NEVER)
        created[converted.index] = converted.astype(np.int64)
        return np.where(self.accounts.is_target, before, created)

    @cached_property
    def deals(self) -> pd.DataFrame:
        """One row per deal: account, deal, type, created, closed (second or NaN), outcome, reason, amounts, currency.

        `amount` is what its lines add up to, in `currency`; `estimate` the same before discounts.
        """
        events = self.events[self.events.kind.isin(["opportunity", "won", "lost"])]
        opened = events[events.kind == "opportunity"]
        deals = opened[["account", "deal", "amount"]].rename(columns={"amount": "usd"})
        deals = deals.assign(type=opened.code, created=opened.second)
        closed = events[events.kind != "opportunity"][["account", "deal", "kind", "second", "code"]]
        closed = closed.rename(columns={"kind": "outcome", "second": "closed", "code": "reason"})
        deals = deals.merge(closed, on=["account", "deal"], how="left").sort_values(["account", "deal"])
        deals = deals.reset_index(drop=True)
        deals["reason"] = deals.reason.fillna(-1).astype(np.int64)
        deals["currency"] = np.array(REGION_CURRENCIES)[self.accounts.region[deals.account]]
        totals = self._price(deals)
        deals["amount"], deals["estimate"] = totals
        return deals

    @cached_property
    def lines(self) -> pd.DataFrame:
        """One row per line: row of `deals`, product, quantity, list_price, discount (percent), total."""
        deals = self.deals
        lines = self._line_arrays(deals)
        deal, line = np.nonzero(lines["quantity"] > 0)
        return pd.DataFrame({"row": deal, "line": line} | {name: values[deal, line] for name, values in lines.items()})

    def _price(self, deals: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
        lines = self._line_arrays(deals)
        full = lines["quantity"] * lines["list_price"]
        digits = deals.currency.map(MINOR_DIGITS).to_numpy()
        return _rounded(lines["total"].sum(axis=1), digits), _rounded(full.sum(axis=1), digits)

    def _line_arrays(self, deals: pd.DataFrame) -> dict[str, np.ndarray]:
        """Products, quantities and prices of each deal's lines, (deals, lines), so that they add up to its size."""
        rows, number = deals.account.to_numpy(), np.minimum(deals.deal.to_numpy(), 15)
        random = stream(self.company.seed, self.accounts.block, "deal lines")
        draws = random.random((self.accounts.count, 16, 2 + _LINES))[rows, number]
        count = 1 + (draws[:, 0] * _LINES).astype(int)
        discount = np.where(deals.type == RENEWAL, 0, np.floor(draws[:, 1] * 6) * 5.0)
        first = np.searchsorted(np.cumsum(PRODUCT_MIX), draws[:, 2], side="right").clip(0, len(PRODUCTS) - 1)
        product = (first[:, None] + np.arange(_LINES)) % len(PRODUCTS)
        active = np.arange(_LINES) < count[:, None]
        share = (0.5 + draws[:, 2:]) * active
        share /= share.sum(axis=1, keepdims=True)
        rate = deals.currency.map(PLAN_RATES).to_numpy()[:, None]
        digits = deals.currency.map(MINOR_DIGITS).to_numpy()[:, None]
        list_usd = np.array([p.list_price for p in PRODUCTS]) / 12
        list_price = _rounded(list_usd[product] / rate, digits)
        wanted = deals.usd.to_numpy()[:, None] / rate * share / (1 - discount[:, None] / 100)
        quantity = np.where(active, np.maximum(np.rint(wanted / list_price), 1), 0)
        percent = np.broadcast_to(discount[:, None], quantity.shape)
        total = _rounded(quantity * list_price * (1 - percent / 100), digits)
        return {"product": product, "quantity": quantity, "list_price": list_price, "discount": percent, "total": total}


def _rounded(values: np.ndarray, digits: np.ndarray) -> np.ndarray:
    """Half up to the currency's minor unit."""
    scale = 10.0**digits
    return np.floor(values * scale + 0.5 + 1e-7) / scale
