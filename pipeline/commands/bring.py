"""Bring data: simulate a company, deliver a file into the landing area, write the contracts for dbt."""

import os
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import click

from pipeline.commands.common import landing_option, where_options
from pipeline.console import out, reporter
from pipeline.errors import UsageError, unknown_name
from pipeline.settings import Settings
from pipeline.sources import all_sources
from pipeline.steps import parse_business_date

SUFFIXES = (".csv", ".csv.gz", ".jsonl", ".jsonl.gz", ".parquet")


@click.command(
    epilog="""\b
Examples:
  touchledger demo --out ./var/landing
  touchledger demo --accounts 1000 --days 365 --seed 11 --out /tmp/company --truth /tmp/company_truth
  touchledger demo --scenario confounded_targeting,dark_touches --dirt malformed,late_rows --out /tmp/company
"""
)
@click.option("--accounts", default=300, show_default=True, help="How many companies there are.")
@click.option("--days", default=730, show_default=True, help="How many days are simulated.")
@click.option(
    "--scenario",
    default="default",
    show_default=True,
    help="Named difficulties, comma-separated; an unknown one is answered with all.",
)
@click.option("--seed", default=7, show_default=True, help="The same seed gives the same bytes.")
@click.option("--end-date", "end_text", default="2026-06-30", show_default=True, help="The last simulated day.")
@click.option("--nights", default=3, show_default=True, help="How many nightly deliveries follow the first big one.")
@click.option(
    "--format", "file_format", default="csv", show_default=True, type=click.Choice(["csv", "csv.gz", "parquet"])
)
@click.option("--dirt", default="all", show_default=True, help="Kinds of defects, comma-separated; all; or none.")
@click.option("--truth-worlds", type=int, help="Lives of each world without a channel; 0 leaves the effects out.")
@click.option("--workers", type=int, help="Processes that simulate.  [default: one a core]")
@click.option("--out", "out_dir", type=click.Path(path_type=Path), required=True, help="The landing folder to write.")
@click.option(
    "--truth", "truth_dir", type=click.Path(path_type=Path), help="Where the truth goes.  [default: truth beside --out]"
)
def demo(out_dir: Path, end_text: str, dirt: str, **options: Any) -> None:
    """Write the extract files of a simulated B2B company."""
    from pipeline.demo import simulate

    with reporter() as progress:
        progress.begin("demo")
        try:
            summary = simulate(
                out_dir,
                end_date=parse_business_date(end_text),
                dirt={"all": True, "none": False}.get(dirt, dirt),
                progress=progress,
                **options,
            )
        except ValueError as error:
            raise UsageError(str(error)) from error
        rows = sum(summary.rows.values())
        progress.end("demo", f"{summary.touches:,} touches, {rows:,} rows in {out_dir}; truth in {summary.truth}")


@click.command(
    epilog="""\b
Example:
  touchledger deliver olist closed_deals ~/Downloads/closed_deals.csv --date 2018-11-30
"""
)
@click.argument("source")
@click.argument("entity")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--date", "date_text", required=True, metavar="YYYY-MM-DD", help="Delivery date.")
@landing_option
@where_options
def deliver(source: str, entity: str, file: Path, date_text: str, **options: Any) -> None:
    """Put one file where its source's deliveries of a date are expected."""
    sources = all_sources()
    if source not in sources:
        raise unknown_name("source", source, sources)
    sources[source].entity(entity)
    if not file.is_file():
        raise UsageError(f"{file} is not a file")
    if not file.name.endswith(SUFFIXES):
        raise UsageError(f"{file.name} cannot be read as a delivery; known endings: {', '.join(SUFFIXES)}")
    settings = Settings.read(home=options["home"], target=options["target"], landing=options["landing"])
    delivered = _deliver(file, settings.landing / source / entity, parse_business_date(date_text))
    out.print(f"delivered {delivered}")


def _deliver(file: Path, entity_folder: Path, delivery_date: date) -> Path:
    """Copy a file whole or not at all: a half-copied file must not look like a delivery."""
    folder = entity_folder / delivery_date.isoformat()
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / file.name
    if target.exists():
        raise UsageError(f"{target} is already there; give the file another name, or remove that one first")
    partial = folder / f".{file.name}.partial"
    shutil.copyfile(file, partial)
    os.replace(partial, target)  # noqa: PTH105 (atomic on purpose)
    return target


@click.command()
@click.option("--write", is_flag=True, help="Write the files that are out of date.")
def contracts(write: bool) -> None:
    """Say whether dbt's sources files match the contracts; exit 1 if not, or --write them."""
    from pipeline.sources import as_dbt_sources

    dbt_project = Settings.read().dbt_project
    if write:
        for path in as_dbt_sources.write_all(dbt_project):
            out.print(f"wrote {path}")
    as_dbt_sources.check(dbt_project)
    out.print("every dbt sources file matches its contract")
