"""What figures are counted from: the book of what happened, and what the company planned, spent and asked."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from pipeline.demo.book import Book
from pipeline.demo.company import Company
from pipeline.demo.deliver import Told
from pipeline.demo.kpis.cells import date_of

DAY = 86400


@dataclass(frozen=True, eq=False)
class Known:
    """All that is known on the last evening: a book, and per extract of the company its rows.

    `shared` holds ads/spend, finance/costs, finance/exchange_rates, salesforce/forecasts, salesforce/quotas,
    surveys/waves and surveys/responses as frames, each record in its last version.
    """

    company: Company
    book: Book
    shared: dict[str, pd.DataFrame]

    @property
    def end(self) -> int:
        """The first second that nothing is known of."""
        return int(np.datetime64(self.company.end_date, "s").astype(np.int64)) + DAY

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
