"""The card of one fit, read from what fits and evaluations have kept."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.attribution.evaluation import tables as evaluation_tables
from pipeline.attribution.model_fits import FIT_CHANGES, FIT_CHANNELS, FITS
from pipeline.errors import UsageError, unknown_name
from pipeline.warehouse.base import Warehouse

#: Conversion types from the latest stage to the earliest.
LATEST_FIRST = ("won", "opportunity", "sql", "sal", "mql")


@dataclass(frozen=True)
class Card:
    """What one fit says of itself, as a person reads it.

    facts: pairs of a name and a value. channels: channel, raw effect, share by the model's own definition, its
    interval, share of the ledger's credit, share of the fit before. verdict: of the newest evaluation, with reasons.
    """

    title: str
    facts: Sequence[tuple[str, str]]
    channels: Sequence[tuple[str, ...]]
    warnings: Sequence[str]
    verdict: Sequence[str]


def read_card(
    warehouse: Warehouse, model_name: str, conversion_type: str | None = None, fit_number: int | None = None
) -> Card:
    """The card of a model's newest fit to a conversion type, or of a fit by its number.

    Raises `UsageError` for what was never fitted.
    """
    if not warehouse.exists(FITS):
        raise UsageError("no model was fitted yet: run `touchledger run --date YYYY-MM-DD` first")
    fits = _records(warehouse, f"select * from {FITS} order by fit_number desc")
    of_model = [fit for fit in fits if fit["model_name"] == model_name]
    if not of_model:
        raise unknown_name("fitted model", model_name, sorted({fit["model_name"] for fit in fits}))
    kinds = {fit["conversion_type"] for fit in of_model}
    kind = conversion_type or min(kinds, key=LATEST_FIRST.index)
    if kind not in kinds:
        raise unknown_name("conversion type", kind, sorted(kinds))
    numbers = {fit["fit_number"]: fit for fit in of_model}
    of_kind = [fit for fit in of_model if fit["conversion_type"] == kind]
    if fit_number is not None and fit_number not in numbers:
        raise unknown_name(f"fit of {model_name}", str(fit_number), [str(one) for one in sorted(numbers)])
    fit = numbers[fit_number] if fit_number is not None else max(of_kind, key=lambda one: one["business_date"])
    return Card(
        f"{model_name}, {fit['conversion_type']}: fit {fit['fit_number']} of {fit['business_date']}",
        _facts(fit),
        _channels(warehouse, fit["fit_number"]),
        json.loads(fit["warnings"]),
        _verdict(warehouse, model_name, fit["conversion_type"]),
    )


def _facts(fit: dict[str, Any]) -> list[tuple[str, str]]:
    of_data = [
        ("status", fit["status"] if not fit["reason"] else f"{fit['status']}: {fit['reason']}"),
        ("data", f"{fit['data_from']:%Y-%m-%d} to {fit['data_until']:%Y-%m-%d}" if fit["data_from"] else "none"),
        ("journeys", f"{fit['journey_count']:,.0f}, {fit['conversion_count']:,.0f} of which converted"),
        ("touches, accounts, channels", f"{fit['touch_count']:,}, {fit['account_count']:,}, {fit['channel_count']:,}"),
        ("replaces", f"fit {fit['previous_fit_number']}" if fit["previous_fit_number"] else "nothing, it is the first"),
    ]
    kept = [(what, json.loads(fit[what])) for what in ("parameters", "diagnostics")]
    return of_data + [(f"{what[:-1]} {name}", _said(value)) for what, said in kept for name, value in said.items()]


def _channels(warehouse: Warehouse, number: int) -> list[tuple[str, ...]]:
    rows = _records(
        warehouse,
        f"""select channels.*, changes.channel_credit_share_before
        from {FIT_CHANNELS} as channels
        left join {FIT_CHANGES} as changes
            on channels.fit_number = changes.fit_number and channels.channel = changes.channel
        where channels.fit_number = {number} order by channels.channel_credit_share desc, channels.channel""",
    )
    return [
        (
            row["channel"],
            f"{row['raw_effect']:.4g}",
            _share(row["channel_credit_share"]),
            f"{_share(row['interval_low'])} to {_share(row['interval_high'])}",
            _share(row["touch_credit_share"]),
            _share(row["channel_credit_share_before"]),
        )
        for row in rows
    ]


def _verdict(warehouse: Warehouse, model_name: str, kind: str) -> list[str]:
    table = "attribution.evaluation_summary"
    found = warehouse.exists(table) and warehouse.rows(
        f"""select summary.verdict, summary.reasons, evaluation.business_date
        from {table} as summary
        inner join {evaluation_tables.EVALUATIONS} as evaluation
            on summary.evaluation_number = evaluation.evaluation_number
        where summary.model_name = ? and summary.conversion_type = ?
        order by summary.evaluation_number desc limit 1""",
        [model_name, kind],
    )
    if not found:
        return ["Not evaluated yet: touchledger evaluate says how far it can be believed."]
    [(verdict, reasons, day)] = found
    return [f"Evaluation of {day}: {verdict.replace('_', ' ')}.", *(f"  {one}" for one in json.loads(reasons))]


def _records(warehouse: Warehouse, query: str) -> list[dict[str, Any]]:
    return warehouse.arrow(query).to_pylist()


def _share(value: float | None) -> str:
    return "" if value is None else f"{value:.1%}"


def _said(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
