"""What figures are counted from: the book of what happened, and what the company planned, spent and asked."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from pipeline.demo.book import Book
from pipeline.demo.company import PRODUCTS, Company
from pipeline.demo.deliver import Told
from pipeline.demo.kpis.cells import date_of

DAY = 86400
#: Bands of the number of employees, each with the most that it holds.
COMPANY_SIZES = (("1-10", 10), ("11-50", 50), ("51-200", 200), ("201-500", 500), ("501-1000", 1000),
                 ("1001-5000", 5000), ("5001+", np.inf))  # fmt: skip
#: Segment types that accounts have, and the column of each.
ACCOUNT_SEGMENTS = {name: name for name in ("industry", "company_size", "region", "account_segment")}


def product_ids() -> np.ndarray:
    """The id of each product."""
    return np.array([f"01t{1 + k:015d}" for k in range(len(PRODUCTS))], dtype=object)


@dataclass(frozen=True, eq=False)
class Known:
    """All that is known on the last evening: a book, and per extract of the company its rows.

    `shared` holds salesforce/users, ads/spend, finance/costs, finance/exchange_rates, salesforce/forecasts,
    salesforce/quotas, surveys/waves and surveys/responses as frames: each record in its last version, forecasts in
    every one.
    """

    company: Company
    book: Book
    shared: dict[str, pd.DataFrame]

    @property
    def end(self) -> int:
        """The first second that nothing is known of."""
        return int(np.datetime64(self.company.end_date, "s").astype(np.int64)) + DAY

    def described(self, units: pd.DataFrame) -> pd.DataFrame:
        """Units with what their account (its number) is like, where the CRM has it, and the team of their owner."""
        accounts = self.book.accounts.set_index("account")
        sizes = np.array([name for name, _ in COMPANY_SIZES], dtype=object)
        band = sizes[np.searchsorted([most for _, most in COMPANY_SIZES], accounts.employees)]
        about = accounts.assign(company_size=band)[list(ACCOUNT_SEGMENTS)].reindex(units.account.to_numpy())
        columns = {name: about[name].to_numpy() for name in ACCOUNT_SEGMENTS}
        if "owner" in units:
            columns |= self.teams(units.owner)
        return units.assign(**columns)

    def teams(self, owner: pd.Series) -> dict[str, np.ndarray]:
        """The `team` and `manager` (user number) of owners; missing where there is none."""
        users = self.shared["salesforce/users"]
        index = users.Id.str[3:].astype(int)
        about = pd.DataFrame(
            {"team": users.Team__c.to_numpy(), "manager": users.ManagerId.str[3:].astype(float).to_numpy()}
        )
        return {name: values.to_numpy() for name, values in about.set_axis(index).reindex(owner.to_numpy()).items()}

    @cached_property
    def deals(self) -> pd.DataFrame:
        """The book's deals, described, with `product`: the id of the one that most of their amount is for."""
        lines = self.book.lines.groupby(["account", "deal", "product"]).total.sum().reset_index()
        lines = lines.sort_values(["account", "deal", "total", "product"], ascending=[True, True, False, True])
        main = lines.drop_duplicates(["account", "deal"]).set_index(["account", "deal"])["product"]
        deals = self.book.deals
        number = main.reindex(pd.MultiIndex.from_frame(deals[["account", "deal"]])).to_numpy(dtype=float)
        product = np.append(product_ids(), None)[np.where(np.isnan(number), -1, number).astype(int)]
        return self.described(deals).assign(product=product)

    @property
    def last_rate_date(self) -> pd.Timestamp:
        """The last day with exchange rates; they hold on."""
        return pd.Timestamp(self.company.end_date)

    @cached_property
    def _rates(self) -> pd.Series:
        rates = self.shared["finance/exchange_rates"]
        whole = np.rint(rates.rate.to_numpy() * 1e8).astype(np.int64)
        return pd.Series(whole, index=pd.MultiIndex.from_arrays([rates.currency, pd.to_datetime(rates.rate_date)]))

    def in_reporting_currency(
        self, amount: pd.Series, currency: pd.Series, date: pd.Series, digits: int = 2
    ) -> np.ndarray:
        """Amounts at the rate of their day, half up to so many digits; counted in whole numbers, so exactly."""
        rate = self._rates.reindex(pd.MultiIndex.from_arrays([currency, date])).to_numpy()
        cents = np.rint(amount.to_numpy() * 100).astype(np.int64)
        unit = 10 ** (10 - digits)
        return (cents * rate.astype(np.int64) + unit // 2) // unit / 10**digits

    def yearly_amounts(self) -> pd.Series:
        """What each of the book's terms pays a year, at the rate of its first day."""
        terms = self.book.terms
        on = date_of(terms.starts).clip(upper=self.last_rate_date)
        return pd.Series(self.in_reporting_currency(terms.amount, terms.currency, on, 4), index=terms.index)


def last_versions(told: Iterable[Told], until: int) -> dict[str, pd.DataFrame]:
    """The extracts as known at a second, by name."""
    extracts = [(item(until) if callable(item) else item).between(-(2**62), until) for item in told]
    return {extract.name: extract.rows.to_pandas() for extract in extracts}
