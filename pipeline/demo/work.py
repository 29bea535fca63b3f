"""The unit of work: one block lived, told and written, in whatever process."""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pyarrow as pa

from pipeline.demo.book import Book
from pipeline.demo.campaigns import plan
from pipeline.demo.company import Company
from pipeline.demo.deliver import Night, Writer, deliveries
from pipeline.demo.dirt import Ledger
from pipeline.demo.dirt_rows import RowDirt
from pipeline.demo.experiments import arms_of
from pipeline.demo.facts import Facts, facts_of
from pipeline.demo.narrate import narrate
from pipeline.demo.record import record_of
from pipeline.demo.write import write_table


@dataclass(frozen=True)
class Job:
    """What every block has in common."""

    company: Company
    nights: tuple[Night, ...]
    landing: Path
    truth: Path
    file_format: str
    dirt: frozenset[str]


@dataclass
class Done:
    """What the company needs to know of a block that is written.

    `later` holds the rows of the nights after the first delivery, which all blocks share a file of.
    """

    block: int
    outcomes: np.ndarray
    ad_clicks: np.ndarray
    facts: Facts
    book: Book
    touches: int
    rows: Counter[str] = field(default_factory=Counter)
    later: dict[tuple[int, str], pa.Table] = field(default_factory=dict)
    ledger: Ledger = field(default_factory=Ledger)


def run(job: Job, block: int) -> Done:
    """Live and write one block: the first delivery and the truth to files, the later nights returned."""
    told = narrate(job.company, plan(job.company), block, "free_mail" in job.dirt)
    facts = facts_of(told.story)
    arms_of(told.story, facts)
    record = record_of(told.story, told.identity, told.touches)
    recorded = int(np.count_nonzero(record.touches["is_recorded"]))
    done = Done(block, told.tally.values[0].sum(axis=0), told.ad_clicks, facts, told.book, recorded)
    writer = Writer(job.landing, job.company.seed, job.file_format, job.dirt, done.ledger)
    extracts = RowDirt(job.company.seed, block, job.nights, job.dirt, done.ledger).over(told.told)
    for night, part in deliveries(extracts, job.nights):
        done.rows[part.name] += part.rows.num_rows
        if night == 0:
            writer.write(job.nights[0], part.name, part.rows, f"{block:04d}")
        else:
            # A copy: a slice would keep, and send, the whole block it was cut from.
            done.later[night, part.name] = part.rows.take(pa.array(np.arange(part.rows.num_rows)))
    for name, table in vars(record).items():
        write_table(job.truth / name / f"{name}_{block:04d}.parquet", table)
    return done


def run_all(job: Job, count: int, workers: int) -> Iterator[Done]:
    """All blocks in order, `workers` at a time; each block is the same whoever runs it."""
    if workers <= 1 or count <= 1:
        yield from (run(job, block) for block in range(count))
        return
    with ProcessPoolExecutor(min(workers, count), mp_context=get_context("spawn")) as pool:
        # A window, not a map over everything: results that nobody has collected yet stay few.
        waiting = [pool.submit(run, job, block) for block in range(min(2 * workers, count))]
        submitted = len(waiting)
        while waiting:
            done = waiting.pop(0).result()
            if submitted < count:
                waiting.append(pool.submit(run, job, submitted))
                submitted += 1
            yield done
