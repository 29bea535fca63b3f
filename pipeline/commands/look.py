"""Look at what ran, what came in, what is published, and how Touchledger is set up."""

import json
import sys
from importlib import metadata
from pathlib import Path
from typing import Any

import click

from pipeline.commands.common import read_vars, vars_options, wait_option, where_options
from pipeline.console import out, show_table
from pipeline.errors import UsageError
from pipeline.settings import Settings, business_rules
from pipeline.warehouse import open_warehouse
from pipeline.warehouse.lock import holder

PACKAGES = ("apache-airflow", "dbt-core", "dbt-duckdb", "duckdb", "great-expectations", "pandas", "pyarrow")


def _settings(options: dict[str, Any]) -> Settings:
    return Settings.read(home=options.get("home"), target=options.get("target"))


@click.command(
    epilog="""\b
Examples:
  touchledger freshness
  touchledger freshness --sources salesforce,web    exit code 1: an entity is stale
"""
)
@where_options
@vars_options
@wait_option
def freshness(vars_text: str | None, sources: str | None, wait: float, **options: Any) -> None:
    """How long ago each entity was delivered, against its source's rhythm (dbt source freshness)."""
    from pipeline.freshness import read_freshness

    settings = _settings(options)
    with open_warehouse(settings, read_only=True):
        pass  # says what to do where there is none yet
    ages = read_freshness(settings, business_rules(settings, read_vars(vars_text, sources)), wait)
    show_table(
        "Deliveries, by the clock",
        ["source", "entity", "last delivered", "hours ago", "late after", "stale after", "status"],
        [age.row() for age in ages],
    )
    if any(age.status == "stale" for age in ages):
        sys.exit(1)


@click.command()
@where_options
@click.option("--date", "date_text", metavar="YYYY-MM-DD", help="Show the runs of this business date.  [default: last]")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for a monitor to read.")
def status(date_text: str | None, as_json: bool, **options: Any) -> None:
    """What ran, rows in, loaded and quarantined by source, and what is published."""
    from pipeline.status import read_status

    settings = _settings(options)
    writer = holder(settings.warehouse)
    if writer:
        out.print(f"a run is under way: {writer}")
        return
    with open_warehouse(settings, read_only=True) as warehouse:
        seen = read_status(warehouse, settings, date_text)
    if as_json:
        click.echo(json.dumps(seen.as_dict(), default=str, indent=2))
        return
    show_table(
        f"Steps of {seen.business_date} (run {seen.run_id})",
        ["step", "source", "status", "seconds", "what was wrong"],
        seen.steps,
    )
    show_table(
        f"Deliveries read up to {seen.business_date}: lines",
        ["source", "entity", "files", "lines", "loaded", "duplicate", "quarantined", "bad files", "last delivery"],
        seen.deliveries,
    )
    show_table("Quarantined, by rule", ["source", "entity", "rule", "records", "for example"], seen.quarantined)
    show_table("Checks that did not pass", ["door", "table", "check", "severity", "status", "found"], seen.checks)
    out.print(seen.published)


@click.command(
    epilog="""\b
Examples:
  touchledger quarantine
  touchledger quarantine --source salesforce --limit 50
"""
)
@where_options
@click.option("--source", help="Only this source.")
@click.option("--limit", default=20, show_default=True, help="How many records to show.")
def quarantine(source: str | None, limit: int, **options: Any) -> None:
    """The records that broke their contract: file, line, column, rule, and the raw line."""
    with open_warehouse(_settings(options), read_only=True) as warehouse:
        where, parameters = ("WHERE source = ?", [source]) if source else ("", [])
        show_table(
            "Quarantined files",
            ["file", "rule", "reason", "lines"],
            warehouse.rows(
                f"SELECT path, rule, reason, physical_lines FROM quarantine.files {where} ORDER BY path", parameters
            ),
        )
        total = warehouse.value(f"SELECT count(*) FROM quarantine.rows {where}", parameters)
        rows = warehouse.rows(
            f"""SELECT path, line_number, column_name, rule, reason, left(raw_line, 120) FROM quarantine.rows {where}
            ORDER BY path, line_number LIMIT ?""",
            [*parameters, limit],
        )
    show_table(
        f"Quarantined records ({len(rows)} of {total})", ["file", "line", "column", "rule", "reason", "raw line"], rows
    )


@click.command()
@where_options
@click.argument("conversion_id")
def explain(conversion_id: str, **options: Any) -> None:
    """Why one conversion's credit went where it did: touches, positions, weights, and every change since."""
    from pipeline import attribution

    with open_warehouse(_settings(options), read_only=True) as warehouse:
        attribution.render(attribution.explain(warehouse, conversion_id), out)


@click.command(name="list")
@vars_options
@click.argument("kind", required=False)
def list_(kind: str | None, vars_text: str | None, sources: str | None) -> None:
    """List what there is: sources, models, marts, expectations, or all of them."""
    from pipeline.catalogue import CATALOGUE, catalogue

    if kind and kind not in CATALOGUE:
        raise UsageError(f"cannot list {kind!r}; known: {', '.join(CATALOGUE)}")
    settings = Settings.read()
    rules = business_rules(settings, read_vars(vars_text, sources))
    for name in [kind] if kind else CATALOGUE:
        headers, rows = catalogue(name, settings, rules)
        show_table(name, headers, rows)


@click.command()
@where_options
@vars_options
def doctor(vars_text: str | None, sources: str | None, **options: Any) -> None:
    """Every setting and business rule with where its value came from, and whether the set-up works."""
    from pipeline.doctor import problems, rules_with_origin, settings_with_origin

    settings = _settings(options)
    given = read_vars(vars_text, sources)
    show_table("Versions", ["package", "version"], [(name, metadata.version(name)) for name in PACKAGES])
    show_table("Where it runs", ["setting", "value", "from"], settings_with_origin(settings, options))
    show_table("Business rules (dbt vars)", ["var", "value", "from"], rules_with_origin(settings, given))
    found = problems(settings, business_rules(settings, given))
    for problem in found:
        out.print(f"[red]✗[/] {problem}")
    if found:
        sys.exit(1)
    out.print("[green]✓[/] ready to run")


@click.command()
@where_options
@click.argument("path", required=False, type=click.Path(path_type=Path))
def checksums(path: Path | None, **options: Any) -> None:
    """One checksum per published mart, whatever the order of its rows: equal data, equal checksum."""
    from pipeline import publish

    settings = _settings(options)
    for mart, checksum in sorted(publish.checksums(path or settings.published / "current").items()):
        click.echo(f"{checksum}  {mart}")


@click.command(
    epilog="""\b
Examples:
  touchledger credits --as-of 2026-06-29
  touchledger credits --as-of 2026-06-29 --conversion won:006000000000001
  touchledger credits --as-of 2026-06-29 --out credits.parquet
"""
)
@where_options
@click.option("--as-of", "as_of", required=True, metavar="RUN|DATE", help="A run number, or a business date.")
@click.option("--conversion", help="Only this conversion.")
@click.option("--out", "out_file", type=click.Path(path_type=Path), help="Write all rows here (.csv or .parquet).")
def credits(as_of: str, conversion: str | None, out_file: Path | None, **options: Any) -> None:
    """The credits exactly as a past run left them."""
    from pipeline import attribution

    with open_warehouse(_settings(options), read_only=True) as warehouse:
        attribution.show_credits_as_of(warehouse, as_of, conversion, out_file, out)


@click.command()
@where_options
def report(**options: Any) -> None:
    """The published figures in one screen: funnel, credit by channel for each model, what was quarantined."""
    from pipeline.report import show_report

    show_report(_settings(options))
