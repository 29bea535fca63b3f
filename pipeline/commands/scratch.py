"""Try a dbt model on the published marts."""

from typing import Any

import click

from pipeline.commands.common import read_vars, vars_options, where_options
from pipeline.console import out, reporter, show_table
from pipeline.settings import Settings, business_rules

#: So many columns fit on a screen.
WIDTH = 7


@click.command(
    epilog="""\b
Examples:
  touchledger scratch mart_team_months
  touchledger scratch mart_team_months --home var/demo --rows 50
"""
)
@where_options
@vars_options
@click.option("--rows", default=10, show_default=True, help="How many rows to show.")
@click.argument("model")
def scratch(model: str, rows: int, vars_text: str | None, sources: str | None, **options: Any) -> None:
    """Build one dbt model, with its tests, against the published marts in a file of your own."""
    from pipeline.scratch import build

    settings = Settings.read(home=options.get("home"), target=options.get("target"))
    with reporter() as progress:
        progress.begin("scratch")
        built = build(settings, business_rules(settings, read_vars(vars_text, sources)), model, progress, rows)
        progress.end("scratch", f"{built.table} built, {built.test_count} tests passed")
    shown = f"{len(built.rows)} of {built.row_count} rows, {len(built.columns[:WIDTH])} of {len(built.columns)} columns"
    show_table(f"{built.table}: {shown}", built.columns[:WIDTH], [row[:WIDTH] for row in built.rows])
    out.print(f"To query:   {built.path} (DuckDB), table {built.table}")
