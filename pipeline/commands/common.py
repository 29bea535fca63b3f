"""Options that verbs share, and how they become settings and vars."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click
import yaml

from pipeline.errors import UsageError
from pipeline.settings import Settings, merge
from pipeline.steps import Run, new_run_id, parse_business_date

Command = Callable[..., Any]


def _compose(*options: Callable[[Command], Command]) -> Callable[[Command], Command]:
    def decorate(command: Command) -> Command:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


#: Where to work: every verb that opens the warehouse takes these.
where_options = _compose(
    click.option(
        "--home", type=click.Path(path_type=Path), help="Folder of everything a run writes.  [default: ./var]"
    ),
    click.option("--target", help="Engine.  [default: duckdb]"),
)

#: Business rules laid over `dbt_project.yml`.
vars_options = _compose(
    click.option("--vars", "vars_text", metavar="YAML", help="dbt vars for this run, e.g. '{journey_grain: person}'."),
    click.option("--sources", metavar="A,B", help="Enable just these sources (short for the var enabled_sources)."),
)

date_option = click.option("--date", "date_text", required=True, metavar="YYYY-MM-DD", help="Business date of the run.")
landing_option = click.option(
    "--landing", type=click.Path(path_type=Path), help="Folder that extracts are delivered to.  [default: HOME/landing]"
)
wait_option = click.option(
    "--wait", default=0.0, metavar="SECONDS", help="How long to wait while another run is writing.  [default: 0]"
)


def read_vars(vars_text: str | None, sources: str | None) -> Mapping[str, Any]:
    """The vars of `--vars` and `--sources`; a `UsageError` shows the form when they cannot be read."""
    try:
        given = yaml.safe_load(vars_text) if vars_text else {}
    except yaml.YAMLError as error:
        raise UsageError(f"--vars is not valid YAML: {' '.join(str(error).split())}") from None
    if not isinstance(given, dict):
        raise UsageError("--vars must be a mapping, e.g. --vars '{journey_grain: person}'")
    names = [name.strip() for name in sources.split(",") if name.strip()] if sources else []
    return merge(given, {"enabled_sources": names} if names else {})


def new_run(date_text: str, options: Mapping[str, Any]) -> Run:
    """A run for one business date from the options of a verb."""
    business_date = parse_business_date(date_text)
    settings = Settings.read(home=options.get("home"), target=options.get("target"), landing=options.get("landing"))
    return Run(
        business_date=business_date,
        run_id=new_run_id(business_date),
        settings=settings,
        vars=read_vars(options.get("vars_text"), options.get("sources")),
        wait_seconds=options.get("wait", 0.0),
    )
