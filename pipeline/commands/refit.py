"""Fit the learnt models anew, and say what that changes."""

from dataclasses import replace
from typing import Any

import click

from pipeline import steps
from pipeline.commands.common import date_option, new_run, vars_options, wait_option, where_options
from pipeline.console import reporter, say
from pipeline.errors import PartlyDoneError


@click.command(
    epilog="""\b
Examples:
  touchledger refit --date 2026-06-30 --dry-run    what would change, and keep nothing
  touchledger refit --date 2026-06-30 && touchledger attribute --date 2026-06-30
  touchledger refit --date 2026-06-30 --vars '{enabled_models: [markov, hazard]}'

What refits changed, channel by channel, is in attribution.model_fit_changes; the conversions whose
credit followed are in attribution.credit_changes, with the reason model_refit, before and after.
"""
)
@date_option
@where_options
@vars_options
@wait_option
@click.option("--dry-run", is_flag=True, help="Say what the new fits would change, and keep nothing.")
def refit(date_text: str, dry_run: bool, **options: Any) -> None:
    """Fit every learnt model anew on the journeys of a night.

    Nights weigh by frozen fits: only this makes others, for its date and later ones. Credits follow at the next
    `attribute`, as `model_refit` among the credit changes.
    """
    run = new_run(date_text, options)
    with reporter() as progress:
        progress.begin("refit")
        failure = None
        try:
            summary = steps.refit(replace(run, progress=progress), dry_run=dry_run)
        except PartlyDoneError as error:
            summary, failure = error.summary, error
        progress.end("refit", f"{len(summary['fitted'])} fits{', none kept' if dry_run else ''}")
    for name, reason in summary["not_enough_data"].items():
        say(f"{name}: not enough data: {reason}")
    for name in summary["fitted"]:
        say(f"{name}: {_said(summary, name)}")
    if summary["fitted"] and not dry_run:
        say("\nThe next `touchledger attribute` weighs by these fits; the date's own may be run again.")
    if failure:
        raise failure


def _said(summary: steps.Summary, name: str) -> str:
    """What became of a fit's credit, in conversions."""
    if name not in summary["moved"]:
        return "its first fit"
    changes = [f"{channel} {before:,.2f} to {after:,.2f}" for channel, before, after in summary["largest"][name]]
    moved = f"{summary['moved'][name]:.1%} of its credit changes channel"
    return f"{moved}: {', '.join(changes)}" if changes else moved
