"""Simulates a company and writes what its systems would deliver."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.demo import company_extracts
from pipeline.demo.campaigns import AD_CAMPAIGNS, plan
from pipeline.demo.company import found
from pipeline.demo.deliver import Told, Writer, deliveries, nights_of
from pipeline.demo.dirt import Ledger
from pipeline.demo.narrate import narrate
from pipeline.demo.people import blocks
from pipeline.demo.scenarios import world_of
from pipeline.demo.tally import OUTCOMES

END_DATE = date(2026, 6, 30)


@dataclass
class Summary:
    """What was written: rows per extract, the funnel of the factual world, and where it is."""

    landing: Path
    truth: Path
    scenario: str
    accounts: int
    nights: list[date]
    touches: int = 0
    defects: dict[str, int] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)
    funnel: dict[str, float] = field(default_factory=dict)


def simulate(
    out_dir: Path | str,
    accounts: int = 300,
    days: int = 730,
    scenario: str = "default",
    seed: int = 7,
    end_date: date = END_DATE,
    nights: int = 3,
    truth_dir: Path | str | None = None,
    file_format: str = "csv",
    dirt: bool = True,
    progress: Any = None,
) -> Summary:
    """Simulate a company and write its extract files to `out_dir` (a landing folder).

    The first delivery holds the history up to `nights` days before `end_date`, then one follows a
    night. With `dirt`, deliveries hold defects, listed in `injected_defects.csv`. The truth goes to `truth_dir`, by default the folder `truth` beside `out_dir`.
    `progress` has `.phase(text)` and `.advance(done, total, unit)`. The same arguments give the
    same bytes. Raises `ValueError` for an unknown scenario or impossible sizes.
    """
    if accounts < 1 or days < 30:
        raise ValueError(f"a company needs at least 1 account and 30 days, not {accounts} and {days}")
    landing = Path(out_dir)
    truth = Path(truth_dir) if truth_dir is not None else landing.parent / "truth"
    world = world_of(scenario)
    company = found(seed, accounts, days, end_date, world)
    campaigns = plan(company)
    calendar = nights_of(company, nights)
    summary = Summary(landing, truth, scenario, accounts, [night.date for night in calendar])
    ledger = Ledger() if dirt else None
    writer = Writer(landing, seed, file_format, ledger)
    rows: Counter[str] = Counter()
    clicks = np.zeros((days, len(AD_CAMPAIGNS)), dtype=np.int64)
    totals = np.zeros(len(OUTCOMES))
    _phase(progress, f"living {accounts} accounts through {days} days")
    for block in range(blocks(accounts)):
        told = narrate(company, campaigns, block)
        for night, part in deliveries(told.told, calendar):
            writer.write(night, part.name, part.rows, f"{block:04d}")
            rows[part.name] += part.rows.num_rows
        clicks += told.ad_clicks
        totals += told.tally.values[0].sum(axis=0)
        summary.touches += int(told.touches.is_recorded.sum())
        if progress is not None:
            progress.advance(block + 1, blocks(accounts), "blocks")
    shared: list[Told] = [
        company_extracts.users(company),
        company_extracts.products(company),
        company_extracts.campaigns(company, campaigns),
        company_extracts.offline_events(company, campaigns),
        lambda until: company_extracts.spend(company, clicks, until),
        company_extracts.costs(company, campaigns),
        company_extracts.exchange_rates(company),
    ]
    for night, part in deliveries(shared, calendar):
        writer.write(night, part.name, part.rows, "0000")
        rows[part.name] += part.rows.num_rows
    if ledger is not None:
        ledger.write(truth / "injected_defects.csv")
        summary.defects = dict(sorted(Counter(defect.kind for defect in ledger.defects).items()))
    summary.rows = dict(sorted(rows.items()))
    summary.funnel = dict(zip(OUTCOMES, totals.tolist(), strict=True))
    return summary


def _phase(progress: Any, text: str) -> None:
    if progress is not None:
        progress.phase(text)
