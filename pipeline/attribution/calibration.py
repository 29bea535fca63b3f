"""Which experiments correct a night's credit: those of `journeys.fct_experiments`, beside the fit that is in force.

Factors are frozen like fits. They are computed when a fit, or what is known of experiments, is another than last time,
and kept in `attribution.calibrations`; a night in between reads them, so that a late touch in an old window does not
move the credit of every conversion.
"""

import hashlib
from collections.abc import Sequence
from datetime import date

from pipeline.attribution import inputs
from pipeline.attribution.experiments import (
    Calibration,
    Experiment,
    Factor,
    Share,
    as_sure_as,
    beside_credit,
    calibrated,
    factors_of,
)
from pipeline.attribution.fitted import FittedModel
from pipeline.attribution.ledger import record
from pipeline.attribution.model import Model
from pipeline.attribution.model_fits import FIT_CHANNELS
from pipeline.attribution.shares import shares_sql, text
from pipeline.warehouse.base import Warehouse

EXPERIMENTS = "journeys.fct_experiments"
CALIBRATIONS = "attribution.calibrations"

#: A row per calibration and channel of its fit or experiments, and one with a null channel: the common factor.
COLUMNS = {
    "calibration_number": "bigint",
    "model_name": "string",
    "calibrated_model_name": "string",
    "conversion_type": "string",
    "fit_number": "bigint",
    "experiments_hash": "string",
    "run_id": "string",
    "business_date": "date",
    "channel": "string",
    "experiment_count": "integer",
    "usable_experiment_count": "integer",
    "credited_conversions": "double",
    "increment": "double",
    "standard_error": "double",
    "factor": "double",
    "factor_low": "double",
    "factor_high": "double",
}


def prepare(warehouse: Warehouse) -> None:
    """Make the table where it is not there yet."""
    warehouse.execute("create schema if not exists attribution")
    listed = ", ".join(f"{name} {kind}" for name, kind in COLUMNS.items())
    warehouse.execute(f"create table if not exists {CALIBRATIONS} ({listed})")


def with_calibrated(warehouse: Warehouse, models: Sequence[Model], business_date: date, run_id: str) -> list[Model]:
    """`models` with their fits, and beside each that keeps a baseline the same corrected by experiments.

    Where there is no experiment no model is added. A conversion type without experiments has the member's credit.
    """
    prepare(warehouse)
    hashes = _experiment_hashes(warehouse)
    found: list[Model] = []
    for model in models:
        found.append(model)
        if hashes and isinstance(model, FittedModel) and model.baseline:
            fits = {kind: fit.fit_number for kind, fit in model.fits.items() if fit.is_fitted and kind in hashes}
            known = {
                kind: _kept(warehouse, model.name, kind, fit_number, hashes[kind], business_date)
                for kind, fit_number in fits.items()
            }
            if not all(known.values()):
                missing = [kind for kind, one in known.items() if one is None]
                beside = _beside_credit(warehouse, model)
                for kind in missing:
                    shares = _shares(warehouse, fits[kind])
                    own = as_sure_as(shares, [one for of_type, one in beside if of_type == kind])
                    known[kind] = factors_of(own)
                    _keep(warehouse, model, kind, own, known[kind], hashes[kind], business_date, run_id)
            found.append(calibrated(model, {kind: one for kind, one in known.items() if one is not None}))
    return found


def _experiment_hashes(warehouse: Warehouse) -> dict[str, str]:
    """By conversion type, a hash of its experiments; empty where there are none, or no such relation."""
    if not warehouse.exists(EXPERIMENTS):
        return {}
    rows = warehouse.rows(
        f"""select source_system, experiment_id, conversion_type, channel, starts_on, ends_on, measured_until,
            increment, standard_error
        from {EXPERIMENTS} order by conversion_type, source_system, experiment_id"""
    )
    lines: dict[str, list[str]] = {}
    for row in rows:
        lines.setdefault(row[2], []).append(repr(tuple(map(str, row))))
    return {kind: hashlib.sha256("\n".join(one).encode()).hexdigest()[:12] for kind, one in lines.items()}


def _kept(
    warehouse: Warehouse, model_name: str, kind: str, fit_number: int, experiments_hash: str, until: date
) -> Calibration | None:
    """The calibration that the last night up to `until` left, if it was of that fit and those experiments.

    None where it was not, though an older one may be: the marts read the last.
    """
    rows = warehouse.rows(
        f"""select channel, factor, factor_low, factor_high, usable_experiment_count from {CALIBRATIONS}
        where calibration_number = (
            select calibration_number from {CALIBRATIONS}
            where model_name = {text(model_name)} and conversion_type = {text(kind)}
                and business_date <= cast({text(str(until))} as date)
            order by business_date desc, calibration_number desc limit 1
        ) and fit_number = {fit_number} and experiments_hash = {text(experiments_hash)} order by channel"""
    )
    if not rows:
        return None
    channels = {channel: Factor(*factor) for channel, *factor, usable in rows if channel is not None and usable}
    [common] = [Factor(*factor) for channel, *factor, _ in rows if channel is None]
    return Calibration(channels, common)


def _shares(warehouse: Warehouse, fit_number: int) -> dict[str, Share]:
    """By channel the share of all conversions that a fit states, and its 90% interval."""
    rows = warehouse.rows(
        f"""select channel, channel_credit_share, interval_low, interval_high
        from {FIT_CHANNELS} where fit_number = {fit_number}"""
    )
    return {channel: (share, low, high) for channel, share, low, high in rows}


def _beside_credit(warehouse: Warehouse, model: Model) -> list[tuple[str, Experiment]]:
    inputs.read_conversions(warehouse, "(select '' as conversion_id)", everything=True)
    experiments = f"""(select *, concat_ws('|', conversion_type, source_system, experiment_id) as experiment_key
        from {EXPERIMENTS})"""
    credits = f"""(
        select conversion.conversion_type, conversion.converted_at, touch.channel, touch.touched_at,
            share.credit_share as conversions
        from ({shares_sql(model, inputs.TOUCHES, inputs.CONVERSIONS)}) as share
        inner join {inputs.CONVERSIONS} as conversion on share.conversion_key = conversion.conversion_key
        inner join {inputs.TOUCHES} as touch
            on share.conversion_key = touch.conversion_key and share.touch_number = touch.touch_number
    )"""
    return beside_credit(warehouse, experiments, credits)


def _keep(
    warehouse: Warehouse,
    model: FittedModel,
    kind: str,
    experiments: Sequence[Experiment],
    calibration: Calibration,
    experiments_hash: str,
    business_date: date,
    run_id: str,
) -> None:
    number = int(warehouse.value(f"select coalesce(max(calibration_number), 0) + 1 from {CALIBRATIONS}"))
    tested = {one.channel for one in experiments}
    rows = []
    for channel in [*sorted({*model.fits[kind].channels, *tested}), None]:
        own = [one for one in experiments if one.channel == channel]
        usable = [one for one in own if one.is_usable]
        factor = calibration.common if channel is None else calibration.of(channel)
        rows.append(
            {
                "calibration_number": number,
                "model_name": model.name,
                "calibrated_model_name": calibrated(model, {}).name,
                "conversion_type": kind,
                "fit_number": model.fits[kind].fit_number,
                "experiments_hash": experiments_hash,
                "run_id": run_id,
                "business_date": business_date,
                "channel": channel,
                "experiment_count": len(own),
                "usable_experiment_count": len(usable),
                "credited_conversions": sum(one.credited for one in own) if own else None,
                "increment": sum(one.increment for one in own) if own else None,
                "standard_error": sum(one.standard_error**2 for one in own) ** 0.5 if own else None,
                "factor": factor.value,
                "factor_low": factor.low,
                "factor_high": factor.high,
            }
        )
    record(warehouse, CALIBRATIONS, rows)
