"""Ask how far each attribution model can be believed."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from pipeline import steps
from pipeline.commands.common import date_option, new_run, vars_options, wait_option, where_options
from pipeline.commands.night import outcome
from pipeline.console import reporter, say, show_table


@click.command(
    epilog="""\b
Examples:
  touchledger evaluate --date 2026-06-30
  touchledger evaluate --date 2026-06-30 --types won,opportunity --models linear,w_shaped,markov
  touchledger evaluate --date 2026-06-30 --truth ./var/demo/truth --home ./var/demo
  touchledger evaluate --date 2026-06-30 --dry-run

docs/reference/evaluation.md says what each figure means and how to compute it again.
"""
)
@date_option
@click.option("--models", metavar="A,B", help="Only these models.  [default: every enabled one]")
@click.option("--types", metavar="A,B", help="Only these conversion types.  [default: all there are]")
@click.option(
    "--truth",
    type=click.Path(path_type=Path),
    help="The folder `truth` of a simulated company: measure the distance to what really happened.",
)
@click.option("--seed", default=0, show_default=True, help="Of the folds, shuffles and draws.")
@click.option(
    "--out", "out_file", type=click.Path(path_type=Path), help="The report.  [default: HOME/evaluation/DATE.html]"
)
@click.option("--dry-run", is_flag=True, help="Say what would be fitted and weighed, and stop.")
@where_options
@vars_options
@wait_option
def evaluate(date_text: str, dry_run: bool, out_file: Path | None, **options: Any) -> None:
    """Ask how far each model can be believed, keep the answers, and write a report.

    Does its credit foretell later journeys of accounts it never saw? What does it find in shuffled outcomes, and give a
    channel of random touches? How much does it change in a week? One table a question in attribution.evaluation_*, a
    mart for each after the next build_marts.
    """
    run = new_run(date_text, options)
    models, kinds = _names(options["models"]), _names(options["types"])
    if dry_run:
        show_table(
            f"An evaluation for {run.business_date} would",
            ["question", "fits of learnt models", "weighings of all journeys"],
            steps.plan_evaluation(run, models=models, conversion_types=kinds),
        )
        return
    with reporter() as progress:
        progress.begin("evaluate")
        summary = steps.evaluate(
            replace(run, progress=progress),
            models=models,
            conversion_types=kinds,
            truth=options["truth"],
            seed=options["seed"],
            out_file=out_file,
        )
        progress.end("evaluate", outcome(summary["verdicts"]))
    say(f"\n{run.business_date}: evaluated {len(summary['models'])} models. The report: {summary['report']}")


def _names(text: str | None) -> Sequence[str]:
    return [name.strip() for name in text.split(",") if name.strip()] if text else []
