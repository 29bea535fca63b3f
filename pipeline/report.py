"""The published figures in one screen of a terminal; `scorecard.html` beside them is the same to look at."""

import json
from pathlib import Path

import duckdb

from pipeline.console import out, show_table
from pipeline.errors import UsageError
from pipeline.settings import Settings

STAGES = ("inquiry", "mql", "sal", "sql", "opportunity", "won", "lost")
MODELS_PER_TABLE = 8


def show_report(settings: Settings) -> None:
    """Print funnel, credit by channel for each model, and what was quarantined, from the publication."""
    current = settings.published / "current"
    if not (current / "touchledger.duckdb").exists():
        raise UsageError(f"nothing is published in {settings.published} yet: run `touchledger run --date YYYY-MM-DD`")
    manifest = json.loads((current / "manifest.json").read_text())
    with duckdb.connect(str(current / "touchledger.duckdb"), read_only=True) as marts:
        out.print(f"[bold]Touchledger, as of {manifest['business_date']}[/]\n")
        _funnel(marts)
        _credit(marts)
        _reconciliation(marts)
        _quarantined(marts)
    out.print(f"\nTo look at: {_shortest(current / 'scorecard.html')}")
    out.print(f"To query:   {_shortest(current / 'touchledger.duckdb')} (read-only), {_shortest(current / 'parquet')}/")


def _funnel(marts: duckdb.DuckDBPyConnection) -> None:
    entries = dict(
        marts.execute(
            """SELECT stage, entry_count FROM marts.fct_funnel_period
            WHERE segment_type = 'overall' AND period_grain = 'all_time'"""
        ).fetchall()
    )
    rows, before = [], None
    for stage in STAGES:
        count = entries.get(stage, 0)
        share = f"{count / before:.0%}" if before and stage != "lost" else ""
        rows.append((stage, count, share))
        before = count or before
    show_table("Funnel: entries, and as a share of the stage before", ["stage", "entries", "share"], rows)


def _credit(marts: duckdb.DuckDBPyConnection) -> None:
    credited = marts.execute(
        """
        WITH credited AS (
            SELECT coalesce(channel, 'unattributed') AS channel, model_name, sum(credit_share) AS credit
            FROM marts.fct_credits WHERE conversion_type = 'won' GROUP BY ALL
        )
        SELECT channel, model_name, credit / sum(credit) OVER (PARTITION BY model_name) FROM credited
        """
    ).fetchall()
    share = {(channel, model): part for channel, model, part in credited}
    models = sorted({model for _, model in share})
    channels = sorted(
        {channel for channel, _ in share}, key=lambda channel: -sum(share.get((channel, model), 0) for model in models)
    )
    for start in range(0, len(models), MODELS_PER_TABLE):
        shown = models[start : start + MODELS_PER_TABLE]
        show_table(
            "Wins credited by channel, percent of each model's total",
            ["channel", *(model.replace("_", "\n") for model in shown)],
            [(channel, *(round(100 * share.get((channel, model), 0.0), 1) for model in shown)) for channel in channels],
        )


def _reconciliation(marts: duckdb.DuckDBPyConnection) -> None:
    rows = marts.execute(
        """
        WITH models AS (
            SELECT conversion_type, model_name, round(sum(credit_share), 6) AS shares,
                count(DISTINCT conversion_id) AS conversions, sum(credited_amount_reporting) AS amount,
                any_value(reporting_currency) AS currency
            FROM marts.fct_credits GROUP BY ALL
        )
        SELECT conversion_type, max(conversions), count(*), min(shares), max(shares), min(amount), max(amount),
            any_value(currency)
        FROM models GROUP BY conversion_type ORDER BY 2 DESC
        """
    ).fetchall()
    show_table(
        "Does it balance? Σ credit over all models, least and most",
        ["conversion", "count", "models", "least Σ share", "most Σ share", "least amount", "most amount", "currency"],
        rows,
    )


def _quarantined(marts: duckdb.DuckDBPyConnection) -> None:
    rows = marts.execute(
        """
        SELECT source_system, rule, sum(quarantined_count)::BIGINT, any_value(example_reason ORDER BY entity)
        FROM marts.mart_data_quality WHERE quarantined_count > 0 GROUP BY ALL ORDER BY ALL
        """
    ).fetchall()
    show_table("Quarantined (`touchledger quarantine` shows each)", ["source", "rule", "records", "for example"], rows)


def _shortest(path: Path) -> Path:
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
