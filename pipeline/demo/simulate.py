"""Simulates a company and writes what its systems would deliver."""

import os
import shutil
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.demo import company_extracts, experiments, planning_extracts
from pipeline.demo.book import Book
from pipeline.demo.campaigns import AD_CAMPAIGNS, Campaigns, plan
from pipeline.demo.company import Company, found
from pipeline.demo.deliver import Told, Writer, deliveries, nights_of
from pipeline.demo.dirt import Ledger, kinds_of
from pipeline.demo.facts import Facts
from pipeline.demo.kpis import write_kpis
from pipeline.demo.kpis.known import Known, last_versions
from pipeline.demo.nights import Later, write_nights
from pipeline.demo.people import blocks
from pipeline.demo.scenarios import world_of
from pipeline.demo.tally import OUTCOMES
from pipeline.demo.truth import write_costs, write_truth
from pipeline.demo.work import Job, run_all

END_DATE = date(2026, 6, 30)
_MARKER = ".simulated_company"


@dataclass
class Summary:
    """What was written: rows and defects per extract, the funnel of the factual world, and where it is."""

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
    dirt: bool | str | Iterable[str] = True,
    truth_worlds: int | None = None,
    workers: int | None = None,
    progress: Any = None,
) -> Summary:
    """Simulate a company and write its extract files to `out_dir` (a landing folder).

    The first delivery holds the history up to `nights` days before `end_date`, then one follows a
    night. `scenario` is a comma list of names from `SCENARIOS`; `dirt` says which kinds of defects
    deliveries hold (True: all). The truth goes to `truth_dir`, by default the folder `truth` beside
    `out_dir`; `truth_worlds` is how many lives of each channel-less world its effects are averaged
    over (0: none; default: by size). `progress` has `.phase(text)` and `.advance(done, total, unit)`.
    The same arguments give the same bytes, whatever `workers`. Raises `ValueError` for an unknown
    name or impossible sizes, for a folder that holds files of something else, and for a truth within `out_dir`.
    """
    if accounts < 1 or days < 30:
        raise ValueError(f"a company needs at least 1 account and 30 days, not {accounts} and {days}")
    if not 0 <= seed < 2**32:
        raise ValueError(f"seed must be between 0 and {2**32 - 1}, not {seed}")
    if truth_worlds is not None and truth_worlds < 0:
        raise ValueError(f"truth worlds are a number of lives, at least 0, not {truth_worlds}")
    if workers is not None and workers < 1:
        raise ValueError(f"at least 1 worker is needed, not {workers}")
    landing = Path(out_dir)
    truth = Path(truth_dir) if truth_dir is not None else landing.parent / "truth"
    _check_apart(landing, truth)
    company = found(seed, accounts, days, end_date, world_of(scenario))
    calendar = nights_of(company, nights)
    kinds = kinds_of(dirt)
    for folder in (landing, truth):
        _check_own(folder)
    for folder in (landing, truth):
        _clear(folder)
    campaigns = plan(company)
    summary = Summary(landing, truth, scenario, accounts, [night.date for night in calendar])
    job = Job(company, calendar, landing, truth, file_format, kinds)
    rows: Counter[str] = Counter()
    ledger, facts, later = Ledger(), Facts(), Later()
    books: list[Book] = []
    clicks = np.zeros((days, len(AD_CAMPAIGNS)), dtype=np.int64)
    totals = np.zeros(len(OUTCOMES))
    _phase(progress, f"living {accounts:,} accounts through {days} days")
    for done in run_all(job, blocks(accounts), workers or os.cpu_count() or 1):
        clicks += done.ad_clicks
        totals += done.outcomes
        summary.touches += done.touches
        rows += done.rows
        ledger.add(done.ledger)
        facts.add(done.facts)
        books.append(done.book)
        for key, table in done.later.items():
            later.setdefault(key, []).append(table)
        if progress is not None:
            progress.advance(done.block + 1, blocks(accounts), "blocks")
    writer = Writer(landing, seed, file_format, kinds, ledger)
    shared = _shared(company, campaigns, clicks, facts)
    for night, part in deliveries(shared, calendar):
        rows[part.name] += part.rows.num_rows
        if night == 0:
            writer.write(calendar[0], part.name, part.rows, "company")
        else:
            later.setdefault((night, part.name), []).append(part.rows)
    _phase(progress, "writing the nightly deliveries")
    write_nights(later, calendar, writer, seed)
    ledger.write(truth / "injected_defects.csv")
    summary.defects = dict(sorted(Counter(defect.kind for defect in ledger.defects).items()))
    summary.rows = dict(sorted(rows.items()))
    summary.funnel = dict(zip(OUTCOMES, totals.tolist(), strict=True))
    last = calendar[-1].until
    booked = company_extracts.costs(company, campaigns).between(-(2**62), last)
    write_costs(truth / "costs.csv", company_extracts.spend(company, clicks, last), booked)
    write_kpis(truth / "kpis.csv", Known(company, Book.joined(books), last_versions(shared, last)))
    write_truth(truth, company, scenario, facts, totals, truth_worlds, progress)
    return summary


def _shared(company: Company, campaigns: Campaigns, clicks: np.ndarray, facts: Facts) -> list[Told]:
    return [
        company_extracts.users(company),
        company_extracts.products(company),
        company_extracts.campaigns(company, campaigns),
        company_extracts.offline_events(company, campaigns),
        lambda until: company_extracts.spend(company, clicks, until),
        company_extracts.costs(company, campaigns),
        company_extracts.exchange_rates(company),
        planning_extracts.forecasts(company, facts),
        planning_extracts.quotas(company, facts),
        *planning_extracts.surveys(company),
        experiments.results(company, facts),
    ]


def _check_apart(landing: Path, truth: Path) -> None:
    """The pipeline reads the one and never the other."""
    inner, outer = landing.resolve(), truth.resolve()
    if inner == outer or inner in outer.parents or outer in inner.parents:
        raise ValueError(
            f"the truth cannot lie in {truth}: that is, or holds, or lies in, the landing folder {landing}"
        )


def _check_own(folder: Path) -> None:
    """What somebody else put into a folder is not touched but refused."""
    if folder.exists() and (not folder.is_dir() or (any(folder.iterdir()) and not (folder / _MARKER).exists())):
        raise ValueError(f"{folder} is not empty and was not written by a simulation; choose another folder")


def _clear(folder: Path) -> None:
    """Empty a folder that an earlier simulation wrote, and mark it."""
    if folder.exists() and any(folder.iterdir()):
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / _MARKER).write_bytes(b"")


def _phase(progress: Any, text: str) -> None:
    if progress is not None:
        progress.phase(text)
