"""The published figures in one screen of a terminal; `scorecard.html` beside them is the same to look at."""

import json
from collections.abc import Callable
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
        missing = [what for section, what in SECTIONS.items() if not _shown(section, marts)]
    if missing:
        out.print(f"\nNot in this publication, which an older version made: {'; '.join(missing)}.")
        out.print(f"Run the night again to have them: `touchledger run --date {manifest['business_date']}`.")
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


def _handovers(marts: duckdb.DuckDBPyConnection) -> None:
    rows = marts.execute(
        """SELECT strftime(month_start, '%Y-%m'), delivered_count, accepted_count, rejected_count, undecided_count,
            stagnant_count, acceptance_of_decided_share, acceptance_of_delivered_share, threshold_share
        FROM (SELECT * FROM marts.mart_sal_acceptance WHERE segment_type = 'overall' ORDER BY month_start DESC LIMIT 6)
        ORDER BY month_start"""
    ).fetchall()
    heads = ("month", "handed\nover", "accepted", "rejected", "undecided", "stagnant")
    shares = ("of\ndecided", "of\ndelivered", "threshold")
    show_table(
        "Leads handed to sales, the last months",
        [*heads, *shares],
        [
            (*row[: len(heads)], *("" if share is None else f"{share:.0%}" for share in row[len(heads) :]))
            for row in rows
        ],
    )


def _alignment(marts: duckdb.DuckDBPyConnection) -> None:
    rows = marts.execute(
        """SELECT measure, strftime(month_start, '%Y-%m'), round(value, 3), round(target_value, 3), status, trend
        FROM marts.mart_alignment_scorecard WHERE is_month_over AND value IS NOT NULL AND target_value IS NOT NULL
        QUALIFY row_number() OVER (PARTITION BY measure ORDER BY month_start DESC) = 1
        ORDER BY position(status IN 'red amber green'), measure"""
    ).fetchall()
    show_table(
        "Sales and marketing against their targets (`mart_alignment_scorecard`)",
        ["measure", "month", "value", "target", "status", "trend"],
        rows,
    )


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


def _shown(section: Callable[[duckdb.DuckDBPyConnection], None], marts: duckdb.DuckDBPyConnection) -> bool:
    """Print a section; False where the publication has no such mart or column."""
    try:
        section(marts)
    except (duckdb.CatalogException, duckdb.BinderException):
        return False
    return True


#: What the report shows, in order, and the name of each part where a publication lacks its mart.
SECTIONS = {
    _funnel: "the funnel (fct_funnel_period)",
    _handovers: "hand-overs (mart_sal_acceptance)",
    _alignment: "targets (mart_alignment_scorecard)",
    _credit: "wins by channel (fct_credits)",
    _reconciliation: "whether credit balances (fct_credits)",
    _quarantined: "what was quarantined (mart_data_quality)",
}
