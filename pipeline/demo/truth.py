"""Writes the truth folder, which the pipeline never reads: only evaluation and tests do."""

import csv
import io
import json
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from pipeline.demo.campaigns import AD_CAMPAIGNS
from pipeline.demo.company import PLAN_RATES, PRODUCT_MIX, PRODUCTS, Company
from pipeline.demo.effects import removal_effects, shapley_values
from pipeline.demo.extract import Extract
from pipeline.demo.facts import Facts
from pipeline.demo.tally import OUTCOMES

#: Accounts whose lives stand for all in a larger company.
_MOST_ACCOUNTS = 2048
#: Account lives that the effects of a company are averaged over, unless told otherwise.
_WANTED_LIVES = 1200
_SHAPLEY_CHANNELS = 6


def write_truth(
    truth: Path, company: Company, scenario: str, facts: Facts, totals: np.ndarray, lives: int | None, progress: Any
) -> None:
    """world.json, rates.csv, cycle_lengths.csv, effects.csv and, for worlds of few channels, shapley.csv."""
    _write_world(truth / "world.json", company, scenario, totals)
    _write_rows(truth / "rates.csv", ("name", "value", "numerator", "denominator"), _rates(facts))
    _write_rows(truth / "cycle_lengths.csv", ("name", "n", "mean_days", "median_days", "p90_days"), _lengths(facts))
    if lives is None:
        lives = int(np.clip(_WANTED_LIVES // company.accounts, 1, 4))
    if lives == 0:
        return
    if progress is not None:
        progress.phase("living again without each channel")

    def advance(done: int, total: int) -> None:
        if progress is not None:
            progress.advance(done, total, "lives")

    effects = removal_effects(company, lives, _MOST_ACCOUNTS, advance)
    rows = []
    for k, outcome in enumerate(OUTCOMES):
        for c, name in enumerate(effects.names):
            rows.append((name, outcome, effects.total[k], effects.lost[c, k], effects.standard_error[c, k],
                         effects.lost[c, k] / effects.total[k] if effects.total[k] else None,
                         effects.realised[c, k], effects.lives, effects.accounts_lived))  # fmt: skip
    header = ("channel", "outcome", "expected_total", "expected_lost_without", "standard_error", "share_of_total",
              "realised_lost_without", "lives", "accounts_lived")  # fmt: skip
    _write_rows(truth / "effects.csv", header, rows)
    if len(company.world.channels) <= _SHAPLEY_CHANNELS:
        values, errors, nothing = shapley_values(company, lives)
        names = [c.name for c in company.world.channels]
        shapley = [
            (n, o, values[c, k], errors[c, k], nothing[k]) for k, o in enumerate(OUTCOMES) for c, n in enumerate(names)
        ]
        _write_rows(truth / "shapley.csv", ("channel", "outcome", "value", "standard_error", "without_any"), shapley)


def write_costs(path: Path, spend: Extract, costs: Extract) -> None:
    """costs.csv: what each channel cost in all, by where it is booked and currency; costs of no channel have none."""
    ads = spend.rows.to_pandas()
    names = {campaign.campaign_id: campaign.channel for campaign in AD_CAMPAIGNS}
    ads = ads.assign(channel=ads.campaign_id.map(names), source="ads/spend", category="media", amount=ads.cost)
    other = costs.rows.to_pandas().assign(source="finance/costs")
    columns = ["channel", "source", "category", "currency"]
    both = pd.concat([ads, other])[[*columns, "amount"]]
    totals = both.groupby(columns, dropna=False, sort=True).amount.sum().round(4).reset_index()
    totals["channel"] = totals.channel.where(totals.channel.notna(), None)
    _write_rows(path, (*columns, "amount"), totals.itertuples(index=False, name=None))


def _write_world(path: Path, company: Company, scenario: str, totals: np.ndarray) -> None:
    world = {
        "scenario": scenario,
        "seed": company.seed,
        "accounts": company.accounts,
        "days": company.days,
        "start_date": company.start_date.isoformat(),
        "end_date": company.end_date.isoformat(),
        "plan_rates": PLAN_RATES,
        "outcomes": dict(zip(OUTCOMES, totals.tolist(), strict=True)),
        "event_days": {name: days.tolist() for name, days in company.event_days.items()},
        "world": asdict(company.world),
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(world, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def _rates(facts: Facts) -> list[tuple]:
    """True rates of the factual world, each with its numerator and denominator."""
    c = facts.counts
    pairs = {
        "mql_per_inquiry": ("mql", "inquiry"),
        "sal_per_mql": ("sal", "mql"),
        "sal_per_decided": ("sal", ("sal", "rejected")),
        "sql_per_sal": ("sql", "sal"),
        "converted_per_sql": ("converted", "sql"),
        "new_business_won_per_opened": ("new_business_won", "new_business_opened"),
        "new_business_won_per_closed": ("new_business_won", ("new_business_won", "new_business_lost")),
        "expansion_won_per_closed": ("expansion_won", ("expansion_won", "expansion_lost")),
        "renewal_won_per_closed": ("renewal_won", ("renewal_won", "renewal_lost")),
        "churned_per_customer": ("customers_lost", "customers_won"),
        "revenue_usd_per_customer": ("customer_revenue_usd", "customers_won"),
    }
    buckets = [name.removeprefix("accepted_answered_") for name in c if name.startswith("accepted_answered_")]
    pairs |= {f"sql_per_sal_answered_{b}": (f"qualified_answered_{b}", f"accepted_answered_{b}") for b in buckets}
    rows = []
    for name, (top, bottom) in pairs.items():
        numerator = c[top]
        denominator = sum(c[part] for part in bottom) if isinstance(bottom, tuple) else c[bottom]
        rows.append((name, numerator / denominator if denominator else None, numerator, denominator))
    years = c["customer_days"] / 365
    rows.append(
        ("churned_per_customer_year", c["customers_lost"] / years if years else None, c["customers_lost"], years)
    )
    rows += _customer_value(c, years)
    rows += [(f"count_{name}", value, value, 1) for name, value in sorted(c.items())]
    return rows


def _customer_value(c: dict[str, float], years: float) -> list[tuple]:
    """Margin, first-year revenue and lifetime value of a customer at the true rates.

    The value is the first deal's yearly revenue times the margin over the yearly churn, undiscounted:
    the sum of the geometric series of years that a customer stays.
    """
    listed, cost = (
        sum(w * getattr(p, n) for w, p in zip(PRODUCT_MIX, PRODUCTS, strict=True)) for n in ("list_price", "unit_cost")
    )
    margin = 1 - cost / listed
    wins, churned = c["new_business_won"], c["customers_lost"]
    rows = [("gross_margin_at_list", margin, listed - cost, listed)]
    if wins and churned:
        value = c["new_business_won_usd"] / wins * margin
        rows.append(("clv_usd_at_true_churn", value * years / churned, value * years, churned))
    return rows


def _lengths(facts: Facts) -> list[tuple]:
    rows = []
    for name, histogram in sorted(facts.lengths.items()):
        n = int(histogram.sum())
        running = np.cumsum(histogram)
        mean = float((histogram * np.arange(len(histogram))).sum() / n) if n else None
        middle, high = (int(np.searchsorted(running, q * n)) if n else None for q in (0.5, 0.9))
        rows.append((name, n, mean, middle, high))
    return rows


def _write_rows(path: Path, header: tuple[str, ...], rows: Iterable[tuple]) -> None:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows([[_number(v) for v in row] for row in rows])
    path.write_text(text.getvalue(), encoding="utf-8")


def _number(value: object) -> object:
    """Floats with nine digits, so that a last bit never shows."""
    return f"{value:.9g}" if isinstance(value, float) else value
