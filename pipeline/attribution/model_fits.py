"""The fits that were made, each kept for good: `attribution.model_fits` and what belongs to a fit.

A fit is frozen: the nightly run reads the newest one of its model's definition that was made for its date or before,
and only `refit` makes another (or the night, when there is none yet).
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from pipeline.attribution.fitted import FittedModel, FrozenFit
from pipeline.attribution.fitting import FITTED, FitResult
from pipeline.attribution.ledger import record
from pipeline.attribution.model import BlendedModel, Model
from pipeline.attribution.shares import text
from pipeline.warehouse.base import Warehouse

FITS = "attribution.model_fits"
FIT_CHANNELS = "attribution.model_fit_channels"
FIT_PARAMETERS = "attribution.model_fit_parameters"
FIT_CHANGES = "attribution.model_fit_changes"

TABLES: dict[str, dict[str, str]] = {
    FITS: {
        "fit_number": "bigint",
        "model_name": "string",
        "conversion_type": "string",
        "definition": "string",
        "status": "string",
        "reason": "string",
        "run_id": "string",
        "business_date": "date",
        "fitted_at": "timestamp",
        "fit_seconds": "double",
        "previous_fit_number": "bigint",
        "data_from": "timestamp",
        "data_until": "timestamp",
        "journey_count": "double",
        "conversion_count": "double",
        "touch_count": "bigint",
        "account_count": "bigint",
        "channel_count": "integer",
        "parameters": "string",
        "diagnostics": "string",
        "warnings": "string",
    },
    FIT_CHANNELS: {
        "fit_number": "bigint",
        "model_name": "string",
        "conversion_type": "string",
        "channel": "string",
        "raw_effect": "double",
        "channel_credit_share": "double",
        "channel_credit_conversions": "double",
        "touch_credit_share": "double",
        "interval_low": "double",
        "interval_high": "double",
    },
    FIT_CHANGES: {
        "fit_number": "bigint",
        "previous_fit_number": "bigint",
        "model_name": "string",
        "conversion_type": "string",
        "channel": "string",
        "raw_effect_before": "double",
        "raw_effect_after": "double",
        "channel_credit_share_before": "double",
        "channel_credit_share_after": "double",
        "touch_credit_conversions_before": "double",
        "touch_credit_conversions_after": "double",
        "touch_credit_amount_reporting_before": "double",
        "touch_credit_amount_reporting_after": "double",
    },
    FIT_PARAMETERS: {
        "fit_number": "bigint",
        "parameter": "string",
        "channel": "string",
        "value": "double",
    },
}


def prepare(warehouse: Warehouse) -> None:
    """Make the tables where they are not there yet."""
    warehouse.execute("create schema if not exists attribution")
    for table, columns in TABLES.items():
        listed = ", ".join(f"{name} {kind}" for name, kind in columns.items())
        warehouse.execute(f"create table if not exists {table} ({listed})")


def fitted_models(models: Iterable[Model]) -> list[FittedModel]:
    """The learnt models among `models` and what they mix, each once, by name."""
    found: dict[str, FittedModel] = {}
    for model in models:
        members = model.members.values() if isinstance(model, BlendedModel) else [model]
        found.update({one.name: one for one in members if isinstance(one, FittedModel)})
    return list(found.values())


def bound(models: Iterable[Model], fits: Mapping[str, Mapping[str, FrozenFit]]) -> list[Model]:
    """`models` with the frozen fits (by model, then conversion type) that they and what they mix weigh by."""

    def bind(model: Model) -> Model:
        if isinstance(model, FittedModel):
            return replace(model, fits=dict(sorted(fits.get(model.name, {}).items())))
        if isinstance(model, BlendedModel):
            return replace(model, members={name: bind(member) for name, member in model.members.items()})
        return model

    return [bind(model) for model in models]


def definition_of(model: Model) -> str:
    """A model's definition as it is kept."""
    return json.dumps(model.definition(), sort_keys=True, default=dict)


def frozen_fits(warehouse: Warehouse, model: FittedModel, until: date) -> dict[str, FrozenFit]:
    """The newest fit of each conversion type for a business date up to `until`, of the model as it is defined."""
    newest = warehouse.rows(
        f"""select fit_number, conversion_type, status, reason from (
            select *, row_number() over (
                partition by conversion_type order by business_date desc, fit_number desc) as newest
            from {FITS}
            where model_name = {text(model.name)} and definition = {text(definition_of(model))}
                and business_date <= cast({text(str(until))} as date)
        ) as fit where newest = 1"""
    )
    numbers = ", ".join(str(number) for number, *_ in newest) or "null"
    channels: dict[int, dict[str, dict[str, float]]] = {}
    constants: dict[int, dict[str, float]] = {}
    for number, parameter, channel, value in warehouse.rows(
        f"select fit_number, parameter, channel, value from {FIT_PARAMETERS} where fit_number in ({numbers}) "
        "order by fit_number, channel, parameter"
    ):
        if channel is None:
            constants.setdefault(number, {})[parameter] = value
        else:
            channels.setdefault(number, {}).setdefault(channel, {})[parameter] = value
    return {
        kind: FrozenFit(number, status == FITTED, reason or "", channels.get(number, {}), constants.get(number, {}))
        for number, kind, status, reason in newest
    }


def fits_in_force(warehouse: Warehouse, models: Iterable[Model], until: date) -> dict[tuple[str, str], int]:
    """The number of the fit that each learnt model and conversion type would weigh by on a night."""
    if not warehouse.exists(FITS):
        return {}
    return {
        (model.name, kind): fit.fit_number
        for model in fitted_models(models)
        for kind, fit in frozen_fits(warehouse, model, until).items()
    }


def keep(
    warehouse: Warehouse, results: Sequence[FitResult], run_id: str, business_date: date
) -> dict[str, dict[str, FrozenFit]]:
    """Append fits; returns them frozen under their numbers, by model and conversion type."""
    number = int(warehouse.value(f"select coalesce(max(fit_number), 0) from {FITS}"))
    kept: dict[str, dict[str, FrozenFit]] = {}
    for result in results:
        number += 1
        frozen = result.frozen(number)
        previous = warehouse.value(
            f"select max(fit_number) from {FITS} where model_name = ? and conversion_type = ?",
            [result.model.name, result.conversion_type],
        )
        record(warehouse, FITS, _fit_row(result, number, run_id, business_date, previous))
        record(warehouse, FIT_CHANNELS, _channel_rows(result, number))
        record(warehouse, FIT_PARAMETERS, _parameter_rows(frozen))
        kept.setdefault(result.model.name, {})[result.conversion_type] = frozen
    return kept


def keep_touch_credit(
    warehouse: Warehouse, fits: Mapping[str, FrozenFit], credit: Mapping[tuple[str, str], tuple[float, float]]
) -> None:
    """Set each channel's share of the touch credit of the fits given, from credit by (conversion type, channel)."""
    for kind, fit in fits.items():
        total = sum(conversions for (of_kind, _), (conversions, _) in credit.items() if of_kind == kind)
        for channel in fit.channels:
            conversions, _ = credit.get((kind, channel), (0.0, 0.0))
            warehouse.execute(
                f"update {FIT_CHANNELS} set touch_credit_share = ? where fit_number = ? and channel = ?",
                [conversions / total if total else 0.0, fit.fit_number, channel],
            )


def keep_changes(
    warehouse: Warehouse,
    model: FittedModel,
    before: Mapping[str, FrozenFit],
    after: Mapping[str, FrozenFit],
    credit_before: Mapping[tuple[str, str], tuple[float, float]],
    credit_after: Mapping[tuple[str, str], tuple[float, float]],
) -> dict[str, float]:
    """Append what each new fit changes beside the one it follows.

    Returns, by conversion type, the share of its credit that goes from some channels to others.
    """
    moved = {}
    for kind, new in after.items():
        old = before.get(kind)
        if old is None:
            continue
        figures = {fit.fit_number: _figures(warehouse, fit.fit_number) for fit in (old, new)}
        channels = {channel for of_kind, channel in {*credit_before, *credit_after} if of_kind == kind}
        rows, nothing = [], (0.0, 0.0)
        for channel in sorted({*channels, *old.channels, *new.channels}):
            was, now = credit_before.get((kind, channel), nothing), credit_after.get((kind, channel), nothing)
            raw_was, share_was = figures[old.fit_number].get(channel, (None, None))
            raw_now, share_now = figures[new.fit_number].get(channel, (None, None))
            rows.append(
                {
                    "fit_number": new.fit_number,
                    "previous_fit_number": old.fit_number,
                    "model_name": model.name,
                    "conversion_type": kind,
                    "channel": channel,
                    "raw_effect_before": raw_was,
                    "raw_effect_after": raw_now,
                    "channel_credit_share_before": share_was,
                    "channel_credit_share_after": share_now,
                    "touch_credit_conversions_before": was[0],
                    "touch_credit_conversions_after": now[0],
                    "touch_credit_amount_reporting_before": was[1],
                    "touch_credit_amount_reporting_after": now[1],
                }
            )
        record(warehouse, FIT_CHANGES, rows)
        total = sum(credit_after[key][0] for key in credit_after if key[0] == kind)
        gone = sum(abs(row["touch_credit_conversions_after"] - row["touch_credit_conversions_before"]) for row in rows)
        moved[kind] = round(gone / 2 / total, 6) if total else 0.0
    return moved


def _figures(warehouse: Warehouse, fit_number: int) -> dict[str, tuple[float, float]]:
    rows = warehouse.rows(
        f"select channel, raw_effect, channel_credit_share from {FIT_CHANNELS} where fit_number = {fit_number}"
    )
    return {channel: (raw_effect, share) for channel, raw_effect, share in rows}


def _fit_row(
    result: FitResult, number: int, run_id: str, business_date: date, previous: int | None
) -> dict[str, object]:
    counts, fit = result.counts, result.fit
    return {
        "fit_number": number,
        "model_name": result.model.name,
        "conversion_type": result.conversion_type,
        "definition": definition_of(result.model),
        "status": result.status,
        "reason": result.reason or None,
        "run_id": run_id,
        "business_date": business_date,
        "fitted_at": datetime.now(UTC).replace(tzinfo=None),
        "fit_seconds": result.seconds,
        "previous_fit_number": previous,
        "data_from": counts.data_from,
        "data_until": counts.data_until,
        "journey_count": counts.journeys,
        "conversion_count": counts.conversions,
        "touch_count": counts.touches,
        "account_count": counts.accounts,
        "channel_count": counts.channels,
        "parameters": _json({**result.model.effective, **(dict(fit.constants) if fit else {})}),
        "diagnostics": _json(dict(fit.diagnostics) if fit else {}),
        "warnings": _json(result.warnings),
    }


def _channel_rows(result: FitResult, number: int) -> list[dict[str, object]]:
    return [
        {
            "fit_number": number,
            "model_name": result.model.name,
            "conversion_type": result.conversion_type,
            "channel": one.channel,
            "raw_effect": one.raw_effect,
            "channel_credit_share": one.credit_share,
            "channel_credit_conversions": one.conversions,
            "interval_low": one.interval_low,
            "interval_high": one.interval_high,
        }
        for one in result.channels()
    ]


def _parameter_rows(frozen: FrozenFit) -> list[dict[str, object]]:
    number = frozen.fit_number
    of_channels = [
        {"fit_number": number, "parameter": name, "channel": channel, "value": value}
        for channel, numbers in frozen.channels.items()
        for name, value in numbers.items()
    ]
    of_the_whole = [
        {"fit_number": number, "parameter": name, "channel": None, "value": value}
        for name, value in frozen.constants.items()
    ]
    return [*of_channels, *of_the_whole]


def _json(value: Any) -> str:
    return json.dumps(value, sort_keys=True, default=lambda one: one.tolist() if hasattr(one, "tolist") else dict(one))
