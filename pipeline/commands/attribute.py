"""Credit conversions: of a night in the warehouse, or of any file of journeys or paths."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from pipeline import steps
from pipeline.commands.common import new_run, read_vars, vars_options, wait_option, where_options
from pipeline.commands.night import outcome
from pipeline.console import reporter, say
from pipeline.errors import UsageError
from pipeline.settings import Settings, business_rules

#: Which options belong to which of the two uses.
OF_A_NIGHT = ("home", "target", "full")
OF_A_FILE = ("separator", "accounts", "experiments", "models", "overrides", "out_file")


@click.command(
    epilog="""\b
Examples:
  touchledger attribute --date 2026-06-30
  touchledger attribute --journeys journeys.parquet --models all --out credits.csv
  touchledger attribute --journeys journeys.csv --models time_decay,w_shaped \\
      --set time_decay.half_life_days=7 --out credits.parquet
  touchledger attribute --paths paths.csv --separator " > " --models linear --out credits.csv

docs/reference/attribute_command.md lists the columns that are read and written.
"""
)
@click.option("--date", "date_text", metavar="YYYY-MM-DD", help="The night's step: credit what this date changed.")
@click.option("--full", is_flag=True, help="With --date: credit every conversion again, not only what changed.")
@click.option("--journeys", type=click.Path(path_type=Path), help="A file with a row per touch (.csv or .parquet).")
@click.option("--paths", type=click.Path(path_type=Path), help="A file with a row per path: path, total_conversions, …")
@click.option("--separator", help="Between the channels of a path.  [default: ' > ']")
@click.option("--accounts", type=click.Path(path_type=Path), help="The risk set, for models that need one.")
@click.option("--experiments", type=click.Path(path_type=Path), help="Results of holding channels back, to correct by.")
@click.option("--models", help="Names with commas, or all.  [default: all]")
@click.option("--set", "overrides", multiple=True, metavar="MODEL.PARAMETER=VALUE", help="Override a model's number.")
@click.option("--out", "out_file", type=click.Path(path_type=Path), help="Where credits go (.csv or .parquet).")
@where_options
@vars_options
@wait_option
def attribute(date_text: str | None, journeys: Path | None, paths: Path | None, **options: Any) -> None:
    """Credit conversions by attribution models: of a night (--date), or of a file (--journeys or --paths)."""
    chosen = [name for name, value in (("--date", date_text), ("--journeys", journeys), ("--paths", paths)) if value]
    if len(chosen) != 1:
        given = " and ".join(chosen) or "none of them"
        raise UsageError(f"give one of --date (the night's step), --journeys or --paths (a file); given: {given}")
    _refuse_foreign(chosen[0], options, OF_A_FILE if date_text else OF_A_NIGHT)
    if journeys and options["separator"] is not None:
        raise UsageError("--separator says nothing together with --journeys: only paths have one")
    if date_text:
        _night(date_text, options)
    else:
        _file(journeys, paths, options)


def _refuse_foreign(chosen: str, options: dict[str, Any], foreign: tuple[str, ...]) -> None:
    spelled = {"overrides": "set", "out_file": "out"}
    wrong = [f"--{spelled.get(name, name)}" for name in foreign if options[name]]
    if wrong:
        raise UsageError(f"{', '.join(wrong)} says nothing together with {chosen}")


def _night(date_text: str, options: dict[str, Any]) -> None:
    run = new_run(date_text, options)
    with reporter() as progress:
        progress.begin("attribute")
        summary = steps.attribute(replace(run, progress=progress), full=options["full"])
        progress.end("attribute", outcome(summary))


def _file(journeys: Path | None, paths: Path | None, options: dict[str, Any]) -> None:
    from pipeline import attribution

    if options["out_file"] is None:
        raise UsageError("say where the credits go: --out FILE (.csv or .parquet)")
    rules = business_rules(Settings.read(), read_vars(options["vars_text"], options["sources"]))
    with reporter() as progress:
        progress.begin("attribute")
        report = attribution.attribute_file(
            journeys=journeys,
            paths=paths,
            separator=" > " if options["separator"] is None else options["separator"],
            accounts=options["accounts"],
            experiments=options["experiments"],
            models=options["models"] or "all",
            overrides=options["overrides"],
            out=options["out_file"],
            rules=rules,
            progress=progress,
        )
        progress.end("attribute", f"{len(report.models)} models")
    for note in report.notes:
        say(f"note: {note}")
    say(f"credits: {report.out}\nby channel: {report.channels_out}")
