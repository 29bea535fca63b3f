"""What the scorecard shows, read from the marts by SQL: one function a section, summaries only."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from pipeline.publish.tables import SCHEMA
from pipeline.warehouse import Warehouse

#: Stages in the order a unit passes them.
STAGES = ("inquiry", "mql", "sal", "sql", "opportunity", "won")
MONTHS = 12
_PATH_NAMES = ("path", "conversions", "share", "conversion_share", "amount", "touches", "days")


class NoDataError(Exception):
    """A section has nothing to show; the message says why."""


@dataclass(frozen=True)
class Period:
    """The twelve calendar months that end with the month of the business date."""

    start: date
    end: date

    @classmethod
    def until(cls, business_date: date) -> "Period":
        """The period of a business date, which is its last day."""
        month = business_date.year * 12 + business_date.month - 1 - (MONTHS - 1)
        return cls(date(month // 12, month % 12 + 1, 1), business_date)

    @property
    def months(self) -> list[date]:
        """The first days of its months."""
        first = self.start.year * 12 + self.start.month - 1
        return [date(month // 12, month % 12 + 1, 1) for month in range(first, first + MONTHS)]


@dataclass(frozen=True)
class Reader:
    """Reads marts for one period; a mart that is not there is a `NoDataError` with its name."""

    warehouse: Warehouse
    period: Period
    rules: Mapping[str, Any] = field(default_factory=dict)

    def rows(self, sql: str, *tables: str) -> list[tuple[Any, ...]]:
        """The rows of a query over `tables`; `{start}` and `{end}` are the period's days."""
        for table in tables:
            if not self.warehouse.exists(table):
                raise NoDataError(f"{table} is not built")
        dated = sql.replace("{start}", f"DATE '{self.period.start}'").replace("{end}", f"DATE '{self.period.end}'")
        return self.warehouse.rows(dated)

    def revenue_model(self, models: list[str]) -> str:
        """The model that answers for revenue (var `model_goals`), or the first there is."""
        wanted = (self.rules.get("model_goals") or {}).get("revenue")
        return wanted if wanted in models else models[0]


@dataclass(frozen=True)
class Stage:
    """Entries of one funnel stage in the period, by month, and what share of mature entries went on."""

    name: str
    entries: int
    inferred: int
    by_month: list[int]
    went_on_share: float | None
    matured: int
    median_days: float | None


@dataclass(frozen=True)
class Credit:
    """Share of the credit of one conversion type, per channel and model (0-1)."""

    conversion_type: str
    is_amount: bool
    models: list[str]
    channels: list[str]
    shares: dict[tuple[str, str], float]
    model: str
    total: float


@dataclass(frozen=True)
class Channel:
    """What one channel earned by the revenue model and what it cost, in the period and by month."""

    name: str
    group: str
    revenue: float
    open_pipeline: float
    wins: float
    spend: float
    revenue_by_month: list[float]
    spend_by_month: list[float]


def key_figures(reader: Reader) -> dict[str, Any]:
    """Revenue, wins, losses, open pipeline and median days to win, each over the period."""
    table = f"{SCHEMA}.fct_opportunities"
    row = reader.rows(
        f"""
        SELECT
            sum(CASE WHEN opportunity_status = 'won' AND is_closed_in THEN amount_reporting END),
            count(CASE WHEN opportunity_status = 'won' AND is_closed_in THEN 1 END),
            count(CASE WHEN opportunity_status = 'lost' AND is_closed_in THEN 1 END),
            sum(CASE WHEN opportunity_status = 'open' THEN amount_reporting END),
            count(CASE WHEN opportunity_status = 'open' THEN 1 END),
            median(CASE WHEN opportunity_status = 'won' AND is_closed_in AND days_from_first_contact_to_close >= 0
                THEN days_from_first_contact_to_close END)
        FROM (SELECT *, close_date BETWEEN {{start}} AND {{end}} AS is_closed_in FROM {table}) AS opportunities
        """,
        table,
    )[0]
    names = ("revenue", "won", "lost", "open_amount", "open", "median_days")
    found = {name: None if value is None else float(value) for name, value in zip(names, row, strict=True)}
    if not (found["won"] or found["lost"] or found["open"]):
        raise NoDataError("no opportunities in the period")
    return found


def spend_total(reader: Reader) -> float:
    """Everything spent in the period, on channels or not, in the reporting currency."""
    table = f"{SCHEMA}.fct_spend"
    total = reader.rows(
        f"SELECT sum(amount_reporting) FROM {table} WHERE spend_date BETWEEN {{start}} AND {{end}}", table
    )[0][0]
    if total is None:
        raise NoDataError("no spend in the period")
    return float(total)


def funnel(reader: Reader) -> list[Stage]:
    """The funnel's stages in order, those that anything entered."""
    periods, cohorts = f"{SCHEMA}.fct_funnel_period", f"{SCHEMA}.fct_funnel_cohort"
    monthly = reader.rows(
        f"""
        SELECT stage, period_start, entry_count, inferred_entry_count FROM {periods}
        WHERE period_grain = 'month' AND segment_type = 'overall' AND period_start BETWEEN {{start}} AND {{end}}
        """,
        periods,
    )
    went_on = {
        (from_stage, to_stage): (int(entered), int(converted), None if days is None else float(days))
        for from_stage, to_stage, entered, converted, days in reader.rows(
            f"""
            SELECT from_stage, to_stage, sum(entered_count), sum(converted_in_window_count),
                sum(median_days_to_convert * converted_count)
                    / nullif(sum(CASE WHEN median_days_to_convert IS NOT NULL THEN converted_count END), 0)
            FROM {cohorts}
            WHERE segment_type = 'overall' AND is_mature
            GROUP BY from_stage, to_stage
            """,
            cohorts,
        )
    }
    counts = {(stage, month): (int(entries), int(inferred)) for stage, month, entries, inferred in monthly}
    present = [stage for stage in STAGES if any(name == stage for name, _ in counts)]
    if not present:
        raise NoDataError("nothing entered a stage in the period")
    stages = []
    for stage, following in zip(present, [*present[1:], None], strict=True):
        entered, converted, days = went_on.get((stage, following), (0, 0, None))
        months = [counts.get((stage, month), (0, 0)) for month in reader.period.months]
        stages.append(
            Stage(
                name=stage,
                entries=sum(entries for entries, _ in months),
                inferred=sum(inferred for _, inferred in months),
                by_month=[entries for entries, _ in months],
                went_on_share=converted / entered if entered else None,
                matured=entered,
                median_days=days,
            )
        )
    return stages


def credit(reader: Reader) -> Credit:
    """Each channel's share by each model, of the latest stage of the funnel that was reached in the period."""
    table = f"{SCHEMA}.fct_credits"
    rows = reader.rows(
        f"""
        SELECT conversion_type, model_name, channel, sum(credit_share), sum(credited_amount_reporting)
        FROM {table} WHERE reporting_date BETWEEN {{start}} AND {{end}}
        GROUP BY conversion_type, model_name, channel
        """,
        table,
    )
    if not rows:
        raise NoDataError("no conversions in the period")
    conversion_type = max({row[0] for row in rows}, key=lambda name: STAGES.index(name) if name in STAGES else -1)
    rows = [row for row in rows if row[0] == conversion_type]
    is_amount = any(row[4] for row in rows)
    values = {
        (channel, model): float((amount if is_amount else share) or 0) for _, model, channel, share, amount in rows
    }
    given = reader.rules.get("enabled_models") or []
    enabled = [] if given == "all" else list(given)
    found = {model for _, model in values}
    models = [name for name in enabled if name in found] + sorted(found - set(enabled))
    totals = {model: sum(value for (_, name), value in values.items() if name == model) for model in models}
    shares = {(c, m): value / totals[m] if totals[m] else 0.0 for (c, m), value in values.items()}
    model = reader.revenue_model(models)
    last = {"unattributed": 1, "baseline": 2}
    channels = sorted({c for c, _ in shares}, key=lambda c: (last.get(c, 0), -shares.get((c, model), 0), c))
    return Credit(conversion_type, is_amount, models, channels, shares, model, totals[model])


def channels(reader: Reader, model: str) -> list[Channel]:
    """Revenue by one model and spend of each channel, the most revenue first."""
    table = f"{SCHEMA}.mart_channel_performance"
    chosen = model.replace("'", "''")
    rows = reader.rows(
        f"""
        SELECT channel, coalesce(channel_group, 'none'), month_start, revenue_amount_reporting,
            open_pipeline_amount_reporting, credited_won_count, spend_amount_reporting
        FROM {table}
        WHERE model_name = '{chosen}' AND date_basis = 'close_date' AND month_start BETWEEN {{start}} AND {{end}}
        """,
        table,
    )
    if not rows:
        raise NoDataError("no credit and no spend in the period")
    found = []
    for name in sorted({row[0] for row in rows}):
        own = {row[2]: [float(value or 0) for value in row[3:]] for row in rows if row[0] == name}
        months = [own.get(month, [0.0, 0.0, 0.0, 0.0]) for month in reader.period.months]
        found.append(
            Channel(
                name=name,
                group=next(row[1] for row in rows if row[0] == name),
                revenue=sum(month[0] for month in months),
                open_pipeline=sum(month[1] for month in months),
                wins=sum(month[2] for month in months),
                spend=sum(month[3] for month in months),
                revenue_by_month=[month[0] for month in months],
                spend_by_month=[month[3] for month in months],
            )
        )
    return sorted(found, key=lambda channel: (-channel.revenue, -channel.wins, -channel.spend, channel.name))


def top_paths(reader: Reader, conversion_type: str, most: int = 10) -> list[dict[str, Any]]:
    """The paths that most conversions of a type took, over all time."""
    table = f"{SCHEMA}.mart_top_paths"
    chosen = conversion_type.replace("'", "''")
    rows = reader.rows(
        f"""
        SELECT channel_path, conversion_count, share_of_conversions, conversion_share, amount_reporting,
            median_touch_count, median_days_from_first_touch
        FROM {table} WHERE conversion_type = '{chosen}' AND path_form = 'steps' AND path_rank_number <= {most}
        ORDER BY path_rank_number
        """,
        table,
    )
    if not rows:
        raise NoDataError("no conversion took a path")
    return [dict(zip(_PATH_NAMES, row, strict=True)) for row in rows]


def path_ends(reader: Reader, conversion_type: str, most: int = 10) -> list[dict[str, Any]]:
    """The pairs of first and last channel that most conversions of a type have, as `top_paths` over all time."""
    table = f"{SCHEMA}.fct_journey_paths"
    chosen = conversion_type.replace("'", "''")
    rows = reader.rows(
        f"""
        SELECT path, won_count, won_count / sum(won_count) OVER (), won_count / ended_count, amount, touches, days
        FROM (
            SELECT coalesce(first_channel || ' > ' || last_channel, 'no_touch') AS path,
                count(CASE WHEN is_converted THEN 1 END) AS won_count,
                CAST(count(CASE WHEN is_converted OR outcome <> 'open' THEN 1 END) AS DOUBLE) AS ended_count,
                sum(CASE WHEN is_converted THEN amount_reporting END) AS amount,
                median(CASE WHEN is_converted THEN touch_count END) AS touches,
                median(CASE WHEN is_converted THEN days_from_first_touch END) AS days
            FROM {table} WHERE conversion_type = '{chosen}' GROUP BY 1
        ) AS ends
        WHERE won_count > 0
        ORDER BY won_count DESC, amount DESC NULLS LAST, path LIMIT {most}
        """,
        table,
    )
    return [dict(zip(_PATH_NAMES, row, strict=True)) for row in rows]
