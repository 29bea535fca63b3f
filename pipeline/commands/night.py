"""Run a night, or one of its steps."""

from dataclasses import replace
from typing import Any

import click

from pipeline import steps
from pipeline.commands.common import date_option, landing_option, new_run, vars_options, wait_option, where_options
from pipeline.console import out, reporter
from pipeline.errors import examples

SUMMARY_FIELDS_SHOWN = 8
MAPPING_SHOWN = 6
#: What the step's name and the run's heading have said already.
SAID_ALREADY = {"source", "business_date", "run_id", "door", "release"}


@click.command(
    epilog="""\b
Examples:
  touchledger run --date 2026-06-30
  touchledger run --date 2026-06-30 --landing /data/landing --wait 600
  touchledger run --date 2018-11-30 --sources olist --home ./olist
"""
)
@date_option
@landing_option
@where_options
@vars_options
@wait_option
@click.option("--republish", is_flag=True, help="Let an older date replace a newer publication.")
@click.option("--full", is_flag=True, help="Credit every conversion again, not only what changed.")
@click.option("--dry-run", is_flag=True, help="Say which deliveries and steps the run would take, and stop.")
def run(date_text: str, republish: bool, full: bool, dry_run: bool, **options: Any) -> None:
    """Run the whole night for one business date: ingest, journeys, credit, marts, checks, publication.

    It may be run again for the same date: nothing changes unless what was delivered has.
    """
    night = new_run(date_text, options)
    if dry_run:
        _show_plan(night)
        return
    with reporter() as progress:
        steps.run_night(
            replace(night, progress=progress),
            republish=republish,
            full=full,
            started=progress.begin,
            finished=lambda step, summary: progress.end(step, outcome(summary)),
        )
    out.print(f"\n{night.business_date}: the night is done. Published to {night.settings.published / 'current'}")
    out.print("Look: `touchledger report` (the figures), `touchledger status` (what ran and came in)")


def _show_plan(night: steps.Run) -> None:
    from pipeline.landing import pending

    out.print(f"A run for {night.business_date} would")
    for line in pending(night.settings, night.rules, night.business_date):
        out.print(f"  ingest {line}")
    for step in steps.AFTER_INGEST:
        out.print(f"  {step}")


def outcome(summary: steps.Summary) -> str:
    """A step's summary in one line: its numbers and texts that say something."""
    said = [
        f"{name.replace('_', ' ')} {_short(value)}"
        for name, value in summary.items()
        if name not in SAID_ALREADY and _speaks(value)
    ]
    return ", ".join(said[:SUMMARY_FIELDS_SHOWN]) or "done"


def _speaks(value: Any) -> bool:
    too_long = isinstance(value, dict) and len(value) > MAPPING_SHOWN
    return value not in (None, 0, "", [], {}, False) and not too_long


def _short(value: Any) -> str:
    if isinstance(value, dict):
        return "(" + ", ".join(f"{name} {_short(item)}" for name, item in value.items() if _speaks(item)) + ")"
    if isinstance(value, list | tuple):
        return f"({examples(value)})" if all(isinstance(item, str) for item in value) else str(len(value))
    return f"{value:,}" if isinstance(value, int) else str(value)


def _step_command(name: str, with_landing: bool = False) -> click.Command:
    """The verb of one step: the same word as its function and its Airflow task."""
    step = getattr(steps, name)

    def command(date_text: str, **options: Any) -> None:
        extra = {key: options.pop(key) for key in ("source", "republish") if key in options}
        single = new_run(date_text, options)
        with reporter() as progress:
            progress.begin(name)
            progress.end(name, outcome(step(replace(single, progress=progress), **extra)))

    decorated = wait_option(vars_options(where_options(command)))
    if with_landing:
        decorated = landing_option(decorated)
        decorated = click.argument("source")(decorated)
    if name == "publish":
        decorated = click.option("--republish", is_flag=True, help="Let an older date replace a newer one.")(decorated)
    return click.command(name=name, help=step.__doc__)(date_option(decorated))


ingest = _step_command("ingest", with_landing=True)
validate_raw = _step_command("validate_raw")
build_journeys = _step_command("build_journeys")
estimate_clv = _step_command("estimate_clv")
build_marts = _step_command("build_marts")
validate_marts = _step_command("validate_marts")
publish = _step_command("publish")
