"""Does a model's credit tell which journeys will convert? Asked of later journeys of accounts it never saw.

Every model answers in the same way, rules too: from the earlier journeys of the other accounts, what a channel earns
per touch (conversions credited / touches, of journeys that converted and that did not); a journey's score is the mean
of that over its touches; a logistic regression on the score and on the journey's length (n touches, as log(1 + n) and
1 / (1 + n)) turns it into a chance. Beside it stands the same regression without the score: a model whose credit adds
nothing to the mere length of a journey is no better than that. Accounts are dealt into folds, so every later journey is
predicted once.

Journeys still open are left out: nobody knows how they end. With outcomes shuffled among the journeys (`PERMUTED`) the
same figures say what they are worth where there is nothing to find.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from pipeline.attribution.evaluation import metrics
from pipeline.attribution.evaluation.fits import fitted_on
from pipeline.attribution.evaluation.population import TRUE, Population
from pipeline.attribution.model import Model
from pipeline.attribution.model_fits import fitted_models
from pipeline.attribution.shares import exact_sum

#: Scores are told apart to so many places, so that they come to Python as cells.
SCORE_PLACES = 6
#: Journeys of more touches count as this long.
LONGEST = 100


@dataclass(frozen=True)
class Prediction:
    """What one model foretold of one conversion type; the figures are None where nothing can be said, with the reason.

    baseline: the same regression on the number of touches alone. difference: log_loss - baseline_log_loss, with its
    nominal 90% interval.
    """

    model_name: str
    conversion_type: str
    reason: str = ""
    journeys: int = 0
    conversions: int = 0
    log_loss: float | None = None
    baseline_log_loss: float | None = None
    constant_log_loss: float | None = None
    difference: float | None = None
    difference_low: float | None = None
    difference_high: float | None = None
    auc: float | None = None
    auc_low: float | None = None
    auc_high: float | None = None
    baseline_auc: float | None = None
    calibration_error: float | None = None
    bins: Sequence[metrics.Bin] = field(default_factory=list)


def predict(
    population: Population,
    models: Sequence[Model],
    options: Mapping[str, Any],
    outcome: str = TRUE,
    advance: Callable[[int, int], None] = lambda done, total: None,
) -> list[Prediction]:
    """The predictions of every model for every conversion type.

    options: `folds`, `least_of_each_sort`, `calibration_bins`. advance: called with (done, total) weighings.
    """
    folds = int(options["folds"])
    cells: dict[tuple[str, str], list[pd.DataFrame]] = {}
    lacking: dict[tuple[str, str], str] = {}
    for fold in range(folds):
        training = f"has_ended and not is_late and fold <> {fold}"
        bound, reasons = _fitted(population, models, training, fold, outcome)
        for place, model in enumerate(bound):
            weighed = f"evaluation_credit_{place}"
            if fold == 0 or fitted_models([model]):
                population.weigh(model, weighed)
            lacking |= {(model.name, kind): reason for (name, kind), reason in reasons.items() if name == model.name}
            for kind, found in _cells(population, weighed, fold, training, outcome).groupby("conversion_type"):
                cells.setdefault((model.name, str(kind)), []).append(found.assign(fold=fold))
            advance(fold * len(models) + place + 1, folds * len(models))
    return [
        Prediction(*key, reason=lacking[key]) if key in lacking else _judge(*key, pd.concat(found), options)
        for key, found in sorted(cells.items())
    ]


def _fitted(
    population: Population, models: Sequence[Model], training: str, fold: int, outcome: str
) -> tuple[list[Model], dict[tuple[str, str], str]]:
    learnt = fitted_models(models)
    if not learnt:
        return list(models), {}
    inputs = population.fit_inputs(training, outcome, accounts=_training_accounts(population, fold))
    few = [model.with_values({"replicates": 1}) for model in learnt]
    return fitted_on(population.warehouse, inputs, few, models)


def _training_accounts(population: Population, fold: int) -> str | None:
    """The risk set as it stood when the later journeys began to end, without the accounts of a fold."""
    if population.accounts is None:
        return None
    held_out = f"select cluster_id from {population.journeys} as journey where fold = {fold}"
    return f"""
        select risk.account_id, risk.conversion_type, risk.observed_from,
            least(risk.observed_until, later.begins_at) as observed_until,
            risk.is_converted and risk.converted_at < later.begins_at as is_converted,
            case when risk.converted_at < later.begins_at then risk.converted_at end as converted_at
            {"".join(f", risk.{name}" for name in population.covariates)}
        from ({population.accounts}) as risk
        inner join (select conversion_type, min(ended_at) as begins_at from {population.journeys} as journey
            where is_late group by conversion_type) as later on risk.conversion_type = later.conversion_type
        where risk.observed_from < later.begins_at and risk.account_id not in ({held_out})"""


def _cells(population: Population, weighed: str, fold: int, training: str, outcome: str) -> pd.DataFrame:
    """Journeys by score and touches: conversion_type, is_late, score, touch_count, count, converted."""
    earned = f"""
        select journey.conversion_type, channels.channel,
            {exact_sum(f"case when journey.{outcome} then coalesce(credit.credit, 0e0) else 0e0 end")}
                / sum(channels.touch_count) as per_touch
        from {population.channels} as channels
        inner join {population.journeys} as journey on channels.conversion_key = journey.conversion_key
        left join {weighed} as credit
            on channels.conversion_key = credit.conversion_key and channels.channel = credit.channel
        where {training}
        group by journey.conversion_type, channels.channel"""
    return population.warehouse.arrow(
        f"""
        select conversion_type, is_late, score, touch_count, cast(count(*) as double) as count,
            sum(case when is_converted then 1e0 else 0e0 end) as converted
        from (
            select journey.conversion_key, journey.conversion_type, journey.is_late, journey.{outcome} as is_converted,
                least(journey.touch_count, {LONGEST}) as touch_count,
                round(coalesce({exact_sum("channels.touch_count * earned.per_touch")} / max(journey.touch_count), 0e0),
                    {SCORE_PLACES}) as score
            from {population.journeys} as journey
            left join {population.channels} as channels on journey.conversion_key = channels.conversion_key
            left join ({earned}) as earned
                on journey.conversion_type = earned.conversion_type and channels.channel = earned.channel
            where ({training}) or (is_late and fold = {fold})
            group by journey.conversion_key, journey.conversion_type, journey.is_late, journey.{outcome},
                journey.touch_count
        ) as scored
        group by conversion_type, is_late, score, touch_count
        order by conversion_type, is_late, score, touch_count"""
    ).to_pandas()


def _judge(model_name: str, conversion_type: str, cells: pd.DataFrame, options: Mapping[str, Any]) -> Prediction:
    late = cells[cells["is_late"]]
    journeys, conversions = late["count"].sum(), late["converted"].sum()
    least = options["least_of_each_sort"]
    counted = {"journeys": int(journeys), "conversions": int(conversions)}
    for there, what in ((conversions, "that converted"), (journeys - conversions, "that ended without converting")):
        if there < least:
            reason = f"{there:g} later journeys {what}, and least_of_each_sort is {least}"
            return Prediction(model_name, conversion_type, reason, **counted)
    parts = []
    for _, fold in cells.groupby("fold"):
        train, test = fold[~fold["is_late"]], fold[fold["is_late"]]
        lost = train["count"].sum() - train["converted"].sum()
        if not train["converted"].sum() or not lost or test.empty:
            return Prediction(model_name, conversion_type, "earlier journeys all ended alike", **counted)
        parts.append(_foretold(train, test))
    count, converted, chance, length_alone, constant = (
        np.concatenate([part[place] for part in parts]) for place in range(5)
    )
    difference, error = metrics.log_loss_difference(chance, length_alone, count, converted)
    area = metrics.auc(chance, count, converted)
    spread = metrics.NORMAL_90 * metrics.auc_error(area or 0.5, conversions, journeys - conversions)
    bins = metrics.reliability(chance, count, converted, int(options["calibration_bins"]))
    return Prediction(
        model_name,
        conversion_type,
        **counted,
        log_loss=metrics.log_loss(chance, count, converted),
        baseline_log_loss=metrics.log_loss(length_alone, count, converted),
        constant_log_loss=metrics.log_loss(constant, count, converted),
        difference=difference,
        difference_low=difference - metrics.NORMAL_90 * error,
        difference_high=difference + metrics.NORMAL_90 * error,
        auc=area,
        auc_low=max((area or 0.5) - spread, 0.0),
        auc_high=min((area or 0.5) + spread, 1.0),
        baseline_auc=metrics.auc(length_alone, count, converted),
        calibration_error=metrics.calibration_error(bins),
        bins=bins,
    )


def _foretold(train: pd.DataFrame, test: pd.DataFrame) -> tuple[np.ndarray, ...]:
    """Of later cells: count, converted, and the chances by the model, by the number of touches alone, by the mean."""
    middle, spread = train["score"].mean(), train["score"].std() or 1.0

    def features(cells: pd.DataFrame) -> np.ndarray:
        touches = cells["touch_count"].to_numpy(float)
        score = (cells["score"].to_numpy(float) - middle) / (spread or 1.0)
        return np.column_stack([score, np.log1p(touches), 1 / (1 + touches)])

    count, converted = train["count"].to_numpy(float), train["converted"].to_numpy(float)
    known, asked = features(train), features(test)
    chance = metrics.probability_of(metrics.logistic_fit(known, count, converted), asked)
    length_alone = metrics.probability_of(metrics.logistic_fit(known[:, 1:], count, converted), asked[:, 1:])
    constant = np.full(len(test), converted.sum() / count.sum())
    return test["count"].to_numpy(float), test["converted"].to_numpy(float), chance, length_alone, constant
