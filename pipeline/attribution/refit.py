"""Which fit a night weighs by, and the refit that makes new ones and says what they change."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

from pipeline.attribution import inputs, ledger, model_fits
from pipeline.attribution.fit_inputs import read_fit_inputs
from pipeline.attribution.fitted import FittedModel, FrozenFit
from pipeline.attribution.fitting import FITTED, FitResult, Fitter
from pipeline.attribution.model import Model
from pipeline.attribution.registry import enabled_models
from pipeline.attribution.shares import shares_sql, text
from pipeline.progress import Progress
from pipeline.warehouse.base import Warehouse

Fits = Mapping[str, Mapping[str, FrozenFit]]
Credit = dict[tuple[str, str], tuple[float, float]]


#: A report names so many channels of each fit.
LARGEST_CHANGES = 3


class _DryRunDone(Exception):
    """Takes back what a dry run did."""


@dataclass
class RefitReport:
    """What a refit did, by model and conversion type.

    moved: the share of its credit that changes channel. largest: the channels that gain or lose most, at most
    LARGEST_CHANGES, each with its conversions before and after. failed: why there is no new fit, where fitting broke.
    is_dry_run: nothing was kept.
    """

    business_date: date
    fitted: list[str] = field(default_factory=list)
    not_enough_data: dict[str, str] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)
    moved: dict[str, float] = field(default_factory=dict)
    largest: dict[str, list[tuple[str, float, float]]] = field(default_factory=dict)
    is_dry_run: bool = False

    def summary(self) -> dict[str, Any]:
        """The same, JSON-able."""
        return {**asdict(self), "business_date": self.business_date.isoformat()}


def with_frozen_fits(
    warehouse: Warehouse, models: list[Model], business_date: date, run_id: str, progress: Progress
) -> list[Model]:
    """`models`, the learnt ones with the fits that the night of `business_date` weighs by.

    A conversion type without a fit gets its first one; so does one that had not enough data and now has.
    """
    model_fits.prepare(warehouse)
    learnt = model_fits.fitted_models(models)
    if not learnt:
        return models
    fits: dict[str, dict[str, FrozenFit]] = {
        model.name: model_fits.frozen_fits(warehouse, model, business_date) for model in learnt
    }
    counts = {
        kind: (converted, lost)
        for kind, converted, lost in warehouse.rows(
            f"""select conversion_type, sum(case when is_converted then 1 else 0 end),
                sum(case when is_converted then 0 else 1 end)
            from {inputs.JOURNEYS} group by conversion_type order by conversion_type"""
        )
    }

    def wants_fit(model: FittedModel, kind: str) -> bool:
        known, values = fits[model.name].get(kind), model.effective
        converted, lost = counts[kind]
        has_enough = converted >= values["min_conversions"] and lost >= values["min_non_conversions"]
        return known is None or (not known.is_fitted and has_enough)

    wanted = [(model, kind) for model in learnt for kind in counts if wants_fit(model, kind)]
    results = [
        one
        for one in _fit(warehouse, wanted, progress)
        if one.status == FITTED or one.conversion_type not in fits[one.model.name]
    ]
    for name, made in model_fits.keep(warehouse, results, run_id, business_date).items():
        fits[name].update(made)
    return model_fits.bound(models, fits)


def refit_warehouse(
    warehouse: Warehouse,
    rules: Mapping[str, Any],
    business_date: date,
    run_id: str,
    progress: Progress | None = None,
    *,
    dry_run: bool = False,
) -> RefitReport:
    """Fit every enabled learnt model anew on the night's journeys, and keep what that changes, channel by channel.

    Credits follow at the next `attribute`, whose changes say `model_refit`. A model that cannot be fitted is in the
    report, and takes no other down with it. What is kept is kept in one transaction, which `dry_run` takes back.
    """
    report = RefitReport(business_date, is_dry_run=dry_run)
    learnt = model_fits.fitted_models(enabled_models(rules))
    results = _fit_all(warehouse, learnt, progress or Progress(), report)
    with suppress(_DryRunDone), warehouse.transaction():
        _keep(warehouse, learnt, results, run_id, report)
        if dry_run:
            raise _DryRunDone
    return report


def _fit_all(
    warehouse: Warehouse, learnt: list[FittedModel], progress: Progress, report: RefitReport
) -> list[FitResult]:
    """The fits that could be made; outside a transaction, which an error of the engine would end."""
    kinds = [
        kind
        for (kind,) in warehouse.rows(
            f"select distinct conversion_type from {inputs.JOURNEYS} order by conversion_type"
        )
    ]

    def broke(model: FittedModel, kind: str, error: Exception) -> None:
        report.failed[f"{model.name} {kind}"] = " ".join(f"{type(error).__name__}: {error}".split())

    return _fit(warehouse, [(model, kind) for model in learnt for kind in kinds], progress, broke)


def _keep(
    warehouse: Warehouse, learnt: list[FittedModel], results: list[FitResult], run_id: str, report: RefitReport
) -> None:
    ledger.prepare(warehouse)
    model_fits.prepare(warehouse)
    before: Fits = {model.name: model_fits.frozen_fits(warehouse, model, report.business_date) for model in learnt}
    after = model_fits.keep(warehouse, results, run_id, report.business_date)
    inputs.read_conversions(warehouse, "(select '' as conversion_id)", everything=True)
    for result in results:
        name = f"{result.model.name} {result.conversion_type}"
        if result.status == FITTED:
            report.fitted.append(name)
        else:
            report.not_enough_data[name] = result.reason
    for model in learnt:
        old, new = before[model.name], after.get(model.name, {})
        was, now = credit_by_channel(warehouse, model, old), credit_by_channel(warehouse, model, new)
        model_fits.keep_touch_credit(warehouse, new, now)
        for kind, share in model_fits.keep_changes(warehouse, model, old, new, was, now).items():
            report.moved[f"{model.name} {kind}"] = share
            report.largest[f"{model.name} {kind}"] = _largest(kind, was, now)


def _largest(kind: str, before: Credit, after: Credit) -> list[tuple[str, float, float]]:
    channels = {channel for of_kind, channel in {*before, *after} if of_kind == kind}
    changes = [
        (channel, before.get((kind, channel), (0.0, 0.0))[0], after.get((kind, channel), (0.0, 0.0))[0])
        for channel in sorted(channels)
    ]
    changes = [(channel, round(was, 2), round(now, 2)) for channel, was, now in changes if round(now - was, 2)]
    return sorted(changes, key=lambda one: -abs(one[2] - one[1]))[:LARGEST_CHANGES]


def credit_by_channel(warehouse: Warehouse, model: FittedModel, fits: Mapping[str, FrozenFit]) -> Credit:
    """Conversions and amount in the reporting currency by (conversion type, channel), weighed by `fits`.

    Reads what `inputs.read_conversions` prepared.
    """
    [weighed] = model_fits.bound([model], {model.name: fits})
    rows = warehouse.rows(
        f"""
        select conversion.conversion_type, coalesce(touch.channel, share.credit_kind), sum(share.credit_share),
            sum(share.credit_share * cast(coalesce(conversion.amount_reporting, 0) as double))
        from ({shares_sql(weighed, inputs.TOUCHES, inputs.CONVERSIONS)}) as share
        inner join {inputs.CONVERSIONS} as conversion on share.conversion_key = conversion.conversion_key
        left join {inputs.TOUCHES} as touch
            on share.conversion_key = touch.conversion_key and share.touch_number = touch.touch_number
        group by conversion.conversion_type, coalesce(touch.channel, share.credit_kind)"""
    )
    return {(kind, channel): (conversions, amount) for kind, channel, conversions, amount in rows}


def keep_touch_credit(warehouse: Warehouse, models: list[Model], run_id: str) -> None:
    """Add to the fits that a run made what its credits give each channel."""
    for model in model_fits.fitted_models(models):
        made = {
            number
            for (number,) in warehouse.rows(
                f"select fit_number from {model_fits.FITS} where run_id = {text(run_id)} "
                f"and model_name = {text(model.name)}"
            )
        }
        new = {kind: fit for kind, fit in model.fits.items() if fit.fit_number in made}
        if new:
            model_fits.keep_touch_credit(warehouse, new, credit_by_channel(warehouse, model, model.fits))


def _fit(
    warehouse: Warehouse,
    wanted: list[tuple[FittedModel, str]],
    progress: Progress,
    broke: Callable[[FittedModel, str, Exception], None] | None = None,
) -> list[FitResult]:
    """The fits wanted, in order; one that breaks is told to `broke` and left out, or ends all where there is none."""
    if not wanted:
        return []
    progress.phase("fitting")
    fitter = Fitter(warehouse, read_fit_inputs(warehouse))
    results = []
    for done, (model, kind) in enumerate(wanted):
        progress.advance(done, len(wanted), "fits")
        try:
            results.append(fitter.fit(model, kind))
        except Exception as error:
            if broke is None:
                raise
            broke(model, kind, error)
    progress.advance(len(wanted), len(wanted), "fits")
    return results
