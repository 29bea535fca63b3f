"""The steps of a night. Airflow's task ids, the command line's verbs and these names are the same words.

Each step is a transaction on a dated slice: it may be run again, reads nothing delivered after
its business date, and returns a small summary that can be shown or passed on as JSON. What each
one did is kept in `ops.step_runs`.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from threading import Thread
from typing import Any

from pipeline import dbt, step_runs
from pipeline.errors import PartlyDoneError, UsageError, examples, unknown_name
from pipeline.progress import Progress
from pipeline.settings import Settings, business_rules
from pipeline.sources import enabled_sources
from pipeline.sources.contract import Source
from pipeline.step_runs import StepRun
from pipeline.warehouse import Warehouse, open_warehouse
from pipeline.warehouse.lock import writing

Summary = dict[str, Any]

#: What follows once every enabled source is ingested.
AFTER_INGEST = (
    "validate_raw",
    "build_journeys",
    "attribute",
    "estimate_clv",
    "build_marts",
    "validate_marts",
    "publish",
)

#: Steps that a night does not take, each on its own cadence.
APART = ("refit", "evaluate")


@dataclass(frozen=True)
class Run:
    """What every step of one run shares."""

    business_date: date
    run_id: str
    settings: Settings = field(default_factory=Settings.read)
    vars: Mapping[str, Any] = field(default_factory=dict)
    progress: Progress = field(default_factory=Progress)
    wait_seconds: float = 0.0

    @property
    def rules(self) -> dict[str, Any]:
        """The business rules of this run: dbt's vars with the business date set."""
        return business_rules(self.settings, {**self.vars, "business_date": self.business_date.isoformat()})


def parse_business_date(text: str) -> date:
    """`YYYY-MM-DD` as a date, or a `UsageError` that shows the form."""
    try:
        return date.fromisoformat(text)
    except (TypeError, ValueError):
        raise UsageError(f"business date {text!r} is not a day; write it as YYYY-MM-DD, e.g. 2026-06-30") from None


def new_run_id(business_date: date) -> str:
    """An identifier of a run: its business date and the instant it was started."""
    return f"{business_date.isoformat()}T{datetime.now(UTC):%Y%m%d%H%M%S%f}"


def plan(run: Run) -> Summary:
    """The enabled sources: what `ingest` will run for, touchpoints (and finance) apart from CRMs."""
    sources = enabled_sources(run.rules)
    return {
        "touchpoint_sources": [source.name for source in sources if source.kind != "crm"],
        "crm_sources": [source.name for source in sources if source.kind == "crm"],
    }


def ingest(run: Run, source: str) -> Summary:
    """Read one source's deliveries up to the business date into `raw`."""
    from pipeline import landing

    contract = _enabled(run, source)

    def work(warehouse: Warehouse) -> Summary:
        return landing.ingest(
            warehouse, contract, run.settings.landing, run.business_date, run.run_id, run.progress
        ).summary()

    return _in_warehouse(run, "ingest", work, source)


def validate_raw(run: Run) -> Summary:
    """The door in: check the night's delta of every raw table that has expectations."""
    return _validate(run, "validate_raw", "raw")


def build_journeys(run: Run) -> Summary:
    """Build everything from staging to the journeys with dbt."""
    return _recorded(run, "build_journeys", lambda: dbt.build(run.settings, run.rules, "journeys", run.progress))


def attribute(run: Run, *, full: bool = False) -> Summary:
    """Credit every conversion by every enabled model and keep the ledger's versions.

    Only what the night changed is computed again, unless `full`; both give the same credits.
    """
    from pipeline import attribution

    def work(warehouse: Warehouse) -> Summary:
        return attribution.attribute_warehouse(
            warehouse, run.rules, run.business_date, run.run_id, run.progress, full=full
        ).summary()

    return _in_warehouse(run, "attribute", work)


def refit(run: Run, *, dry_run: bool = False) -> Summary:
    """Fit every learnt model anew on the night's journeys; the next `attribute` weighs by the new fits.

    Keeps what each fit changes, channel by channel, in `attribution.model_fit_changes`; `dry_run` only says it.
    Raises `PartlyDoneError`, after the others are kept, for models that could not be fitted.
    """
    from pipeline import attribution

    def work(warehouse: Warehouse) -> Summary:
        summary = attribution.refit_warehouse(
            warehouse, run.rules, run.business_date, run.run_id, run.progress, dry_run=dry_run
        ).summary()
        if summary["failed"]:
            what = examples(f"{name} ({why})" for name, why in summary["failed"].items())
            raise PartlyDoneError(
                f"could not fit {what}; nights go on with the fits they have, and the other "
                f"{len(summary['fitted'])} new fits {'would be' if dry_run else 'are'} kept. "
                "Is a parameter in model_parameters unusual?",
                summary,
            )
        return summary

    if not dry_run:
        return _in_warehouse(run, "refit", work)
    with writing(run.settings.warehouse, f"refit --dry-run {run.business_date}", run.wait_seconds):
        step_runs.require_layers_below(run.settings, "refit", run.business_date)
        with open_warehouse(run.settings) as warehouse:
            return work(warehouse)


def estimate_clv(run: Run) -> Summary:
    """Fit when customers buy again and for how much, and predict what they are worth."""
    from pipeline import clv

    def work(warehouse: Warehouse) -> Summary:
        return clv.estimate(warehouse, run.rules, run.business_date, run.progress).summary()

    return _in_warehouse(run, "estimate_clv", work)


def evaluate(
    run: Run,
    *,
    models: Sequence[str] = (),
    conversion_types: Sequence[str] = (),
    truth: Path | None = None,
    seed: int = 0,
    out_file: Path | None = None,
) -> Summary:
    """Ask how far each model can be believed: one table a question in `attribution.evaluation_*`, and a report.

    truth: the truth folder of a simulated company, which no night is ever given.
    """
    from pipeline.attribution.evaluation.evaluate import evaluate_warehouse
    from pipeline.publish import evaluation as report

    path = out_file or run.settings.home / "evaluation" / f"{run.business_date}.html"

    def work(warehouse: Warehouse) -> Summary:
        found = evaluate_warehouse(
            warehouse, run.rules, run.business_date, run.run_id, run.progress,
            models=models, conversion_types=conversion_types, truth=truth, seed=seed,
        )  # fmt: skip
        report.write(warehouse, path, run.rules)
        return {**found.summary(), "report": str(path)}

    return _in_warehouse(run, "evaluate", work)


def plan_evaluation(
    run: Run, *, models: Sequence[str] = (), conversion_types: Sequence[str] = ()
) -> list[tuple[str, int, int]]:
    """What an evaluation would compute: each question, its fits and its weighings; changes nothing."""
    from pipeline.attribution.evaluation.evaluate import plan_evaluation as planned

    with open_warehouse(run.settings, read_only=True) as warehouse:
        return planned(warehouse, run.rules, models, conversion_types)


def build_marts(run: Run) -> Summary:
    """Build the marts over the credits with dbt."""
    return _recorded(run, "build_marts", lambda: dbt.build(run.settings, run.rules, "marts", run.progress))


def validate_marts(run: Run) -> Summary:
    """The door out: check every mart that has expectations before anyone may read it."""
    return _validate(run, "validate_marts", "marts")


def publish(run: Run, *, republish: bool = False) -> Summary:
    """Publish the marts; an older date never replaces a newer publication unless `republish`."""
    from pipeline import publish as publishing

    def work(warehouse: Warehouse) -> Summary:
        return publishing.publish(
            warehouse, run.settings, run.business_date, run.run_id, run.rules, run.progress, force=republish
        ).summary()

    return _in_warehouse(run, "publish", work)


def run_night(
    run: Run,
    *,
    republish: bool = False,
    full: bool = False,
    started: Callable[[str], None] = lambda step: None,
    finished: Callable[[str, Summary], None] = lambda step, summary: None,
) -> dict[str, Summary]:
    """Every step of one night in order, holding the warehouse throughout; summaries by step.

    `started` and `finished` are told each step as it begins and ends.
    """
    options: dict[str, Any] = {"attribute": {"full": full}, "publish": {"republish": republish}}
    night: list[tuple[str, Callable[[], Summary]]] = [
        *((f"ingest {source.name}", partial(ingest, run, source.name)) for source in enabled_sources(run.rules)),
        *((name, partial(globals()[name], run, **options.get(name, {}))) for name in AFTER_INGEST),
    ]
    from pipeline import quality

    Thread(target=quality.preload, daemon=True).start()
    summaries: dict[str, Summary] = {}
    with writing(run.settings.warehouse, f"touchledger run --date {run.business_date}", run.wait_seconds):
        for name, step in night:
            started(name)
            summaries[name] = step()
            finished(name, summaries[name])
    return summaries


def _enabled(run: Run, name: str) -> Source:
    sources = {source.name: source for source in enabled_sources(run.rules)}
    if name not in sources:
        raise unknown_name("enabled source", name, sources)
    return sources[name]


def _validate(run: Run, step: str, door: str) -> Summary:
    from pipeline import quality

    def work(warehouse: Warehouse) -> Summary:
        report = quality.validate(warehouse, door, run.settings, run.business_date, run.run_id, run.progress)
        report.raise_for_gate()
        return report.summary()

    return _in_warehouse(run, step, work)


def _in_warehouse(run: Run, step: str, work: Callable[[Warehouse], Summary], source: str | None = None) -> Summary:
    def opened() -> Summary:
        with open_warehouse(run.settings) as warehouse:
            return work(warehouse)

    return _recorded(run, step, opened, source)


def _recorded(run: Run, step: str, work: Callable[[], Summary], source: str | None = None) -> Summary:
    """Do a step's work alone in the warehouse, and keep what became of it."""
    what = " ".join(filter(None, (step, source, run.business_date.isoformat())))
    with writing(run.settings.warehouse, what, run.wait_seconds):
        step_runs.require_layers_below(run.settings, step, run.business_date)
        started_at, clock = datetime.now(UTC), time.monotonic()

        def keep(status: str, summary: Summary, error: str | None = None) -> None:
            seconds = round(time.monotonic() - clock, 3)
            step_runs.keep(
                run.settings,
                StepRun(run.run_id, run.business_date, step, source, status, started_at, seconds, summary, error),
            )

        try:
            summary = work()
        except Exception as error:
            done = error.summary if isinstance(error, PartlyDoneError) else {}
            keep("failed", done, f"{type(error).__name__}: {error}")
            raise
        keep("succeeded", summary)
        return summary
