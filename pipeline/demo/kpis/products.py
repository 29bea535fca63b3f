"""What was sold of each product; amounts are those of lines, and what no line explains is on no product."""

import numpy as np
import pandas as pd

from pipeline.demo.company import PRODUCTS
from pipeline.demo.kpis.cells import Cells, date_of, days_between, figure
from pipeline.demo.kpis.known import Known, product_ids

_FAMILIES = np.array([product.family for product in PRODUCTS], dtype=object)


def figures(known: Known) -> list[pd.DataFrame]:
    """product_revenue, _units, _win_rate, _discount and _days_to_win of the deals closed in a period."""
    lines = lines_of_closed(known)
    tables = []
    for segment in ("", "product", "product_family"):
        # A deal counts once for a product of which it has two lines.
        keys = ["account", "deal", *([segment] if segment else [])]
        first = ~lines.duplicated(keys)
        cells = Cells(lines, lines.date, {segment: segment} if segment else {})
        sums = cells.totals(
            {
                "revenue": lines.amount.where(lines.is_won),
                "units": lines.quantity.where(lines.is_won),
                "listed": lines.listed.where(lines.is_won),
                "cut": (lines.listed - lines.amount).where(lines.is_won),
                "won_deal": first & lines.is_won,
                "deal": first,
                "days": lines.days.where(first & lines.is_won),
            }
        )
        if segment:
            sums = sums[sums.segment_type == segment]
        cut, listed = (sums[name].where(sums.listed > 0) for name in ("cut", "listed"))
        won = sums.won_deal
        tables += [
            figure(sums, "product_revenue", sums.revenue, n=won, kind="sum"),
            figure(sums, "product_units", sums.units, n=won, kind="sum"),
            figure(sums, "product_win_rate", won, sums.deal, sums.deal),
            figure(sums, "product_discount", cut, listed, won),
            figure(sums, "product_days_to_win", sums.days, won, won, kind="mean"),
        ]
    return tables


def lines_of_closed(known: Known) -> pd.DataFrame:
    """One row per line of a deal that is closed, and per deal without: `amount` and `listed` in the reporting currency.

    Amounts are rounded as running totals of their deal, so that they add up to it.
    """
    deals = known.book.deals[known.book.deals.outcome != "open"]
    is_won = deals.outcome == "won"
    deals = deals.assign(
        is_won=is_won,
        date=date_of(deals.closed),
        rated_on=date_of(deals.closed).where(is_won, date_of(deals.created)),
        days=days_between(deals.created, deals.closed),
    )
    lines = deals.drop(columns=["owner"]).merge(known.book.lines, on=["account", "deal"], how="left")
    lines = lines.sort_values(["account", "deal", "line"], ignore_index=True)
    lines["total"] = lines.total.fillna(lines.amount)
    running = lines.groupby(["account", "deal"]).total.cumsum()
    so_far = pd.Series(known.in_reporting_currency(running, lines.currency, lines.rated_on))
    before = so_far.groupby([lines.account, lines.deal]).shift().fillna(0)
    full = (lines.quantity * lines.list_price).fillna(0)
    listed = pd.Series(known.in_reporting_currency(full, lines.currency, lines.rated_on, 4))
    number = lines["product"].fillna(-1).astype(int)
    return lines.assign(
        number=number,
        amount=(so_far - before).round(2),
        listed=listed.where(lines.quantity.notna()),
        product=pd.Series(product_ids()[number]).where(number >= 0),
        product_family=pd.Series(_FAMILIES[number]).where(number >= 0),
    )
