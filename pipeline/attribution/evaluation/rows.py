"""The answers of one evaluation as rows of its tables."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from pipeline.attribution.evaluation.placebo import Placebo
from pipeline.attribution.evaluation.prediction import Prediction
from pipeline.attribution.evaluation.stability import Move
from pipeline.attribution.evaluation.truth import CHANNEL_CREDIT, Credited, Distance, Effect
from pipeline.attribution.evaluation.verdict import Figures, Verdict

Row = dict[str, Any]


def _of(one: Any) -> Row:
    return {"model_name": one.model_name, "conversion_type": one.conversion_type}


def fits(found: Mapping[tuple[str, str], int]) -> Iterator[Row]:
    """Rows of `evaluation_fits`, from fit numbers by model and conversion type."""
    for (model, kind), number in sorted(found.items()):
        yield {"model_name": model, "conversion_type": kind, "fit_number": number}


def predictions(found: Iterable[Prediction]) -> Iterator[Row]:
    """Rows of `evaluation_predictions`."""
    for one in found:
        yield {
            **_of(one),
            "reason": one.reason or None,
            "journey_count": one.journeys,
            "conversion_count": one.conversions,
            "log_loss": one.log_loss,
            "length_log_loss": one.baseline_log_loss,
            "constant_log_loss": one.constant_log_loss,
            "log_loss_difference": one.difference,
            "difference_low": one.difference_low,
            "difference_high": one.difference_high,
            "auc": one.auc,
            "auc_low": one.auc_low,
            "auc_high": one.auc_high,
            "length_auc": one.baseline_auc,
            "calibration_error": one.calibration_error,
        }


def calibration(found: Iterable[Prediction]) -> Iterator[Row]:
    """Rows of `evaluation_calibration`."""
    for one in found:
        for part in one.bins:
            yield {
                **_of(one),
                "bin_number": part.number,
                "journey_count": part.count,
                "predicted_share": part.predicted,
                "observed_share": part.observed,
            }


def permutation(found: Iterable[Prediction]) -> Iterator[Row]:
    """Rows of `evaluation_permutation`, from predictions of shuffled outcomes."""
    for row in predictions(found):
        yield {name: value for name, value in row.items() if name not in ("log_loss", "length_log_loss")}


def placebos(found: Iterable[Placebo]) -> Iterator[Row]:
    """Rows of `evaluation_placebo`."""
    for one in found:
        low, high = np.mean(one.intervals, axis=0).tolist() if one.intervals else (None, None)
        yield {
            **_of(one),
            "reason": one.reason or None,
            "draw_count": len(one.shares),
            "touch_share": float(np.mean(one.touch_shares)) if one.touch_shares else None,
            "mean_share": one.share,
            "highest_share": max(one.shares, default=None),
            "mean_raw_effect": float(np.mean(one.raw_effects)) if one.raw_effects else None,
            "mean_interval_low": low,
            "mean_interval_high": high,
            "flagged_draw_count": one.flagged,
        }


def moves(found: Iterable[Move]) -> Iterator[Row]:
    """Rows of `evaluation_stability`."""
    for one in found:
        yield {
            **_of(one),
            "as_of_date": one.as_of,
            "previous_date": one.previous,
            "conversion_count": one.conversions,
            "moved_share": one.moved_share,
            "most_moved_channel": one.channel,
            "channel_share_before": one.channel_share_before,
            "channel_share_after": one.channel_share_after,
        }


def distances(found: Iterable[Distance]) -> Iterator[Row]:
    """Rows of `evaluation_truth`."""
    for one in found:
        yield {
            **_of(one),
            "credit_kind": one.credit_kind,
            "total_variation": one.total_variation,
            "best_baseline_name": one.best_baseline,
            "best_baseline_total_variation": one.best_baseline_total_variation,
            "loses_to_baseline": one.loses,
        }


def truth_channels(truth: Mapping[str, Mapping[str, Effect]], credited: Credited) -> Iterator[Row]:
    """Rows of `evaluation_truth_channels`: channels that really did something or are credited."""
    for (model, kind, credit_kind), credit in sorted(credited.items()):
        effects, total = truth.get(kind), sum(credit.values())
        if effects is None:
            continue
        for channel in sorted({*effects, *credit}):
            effect = effects.get(channel, Effect(0.0, 0.0))
            yield {
                "model_name": model,
                "conversion_type": kind,
                "credit_kind": credit_kind,
                "channel": channel,
                "true_share": effect.share,
                "true_standard_error": effect.standard_error,
                "credited_share": credit.get(channel, 0.0) / total if total else 0.0,
            }


def summary(found: Iterable[Verdict], predicted: Sequence[Prediction]) -> Iterator[Row]:
    """Rows of `evaluation_summary`."""
    by_key = {(one.model_name, one.conversion_type): one for one in predicted}
    for one in found:
        figures = one.figures
        of = by_key.get((figures.model_name, figures.conversion_type))
        yield {
            **_of(figures),
            "is_learnt": figures.is_learnt,
            "verdict": one.verdict,
            "reasons": json.dumps(list(one.reasons)),
            "log_loss_difference": figures.difference,
            "difference_low": figures.difference_low,
            "difference_high": figures.difference_high,
            "auc": of.auc if of else None,
            "calibration_error": of.calibration_error if of else None,
            "placebo_share": figures.placebo_share,
            "flagged_draw_count": figures.placebo_flagged,
            "draw_count": figures.placebo_draws,
            "largest_weekly_move": figures.weekly_move,
            "total_variation": figures.distance,
            "best_baseline_name": figures.best_baseline,
            "best_baseline_total_variation": figures.best_baseline_distance,
        }


def figures_of(
    predicted: Sequence[Prediction],
    placebo: Sequence[Placebo],
    moved: Sequence[Move],
    away: Sequence[Distance],
    learnt: set[str],
) -> list[Figures]:
    """What the questions found, put together by model and conversion type."""
    keys = sorted({(one.model_name, one.conversion_type) for part in (predicted, placebo, moved) for one in part})
    of_prediction = {(one.model_name, one.conversion_type): one for one in predicted}
    of_placebo = {(one.model_name, one.conversion_type): one for one in placebo}
    of_truth: dict[tuple[str, str], Distance] = {}
    for one in away:  # a learnt model's own statement is its channel credit; a rule has touch credit alone
        key = (one.model_name, one.conversion_type)
        if key not in of_truth or one.credit_kind == CHANNEL_CREDIT:
            of_truth[key] = one
    found = []
    for key in keys:
        foretold, drawn, distance = of_prediction.get(key), of_placebo.get(key), of_truth.get(key)
        weekly = [one.moved_share for one in moved if (one.model_name, one.conversion_type) == key]
        found.append(
            Figures(
                *key,
                is_learnt=key[0] in learnt,
                reason=foretold.reason if foretold else "nothing was foretold",
                log_loss=foretold.log_loss if foretold else None,
                difference=foretold.difference if foretold else None,
                difference_low=foretold.difference_low if foretold else None,
                difference_high=foretold.difference_high if foretold else None,
                placebo_share=drawn.share if drawn else None,
                placebo_flagged=drawn.flagged if drawn else None,
                placebo_draws=len(drawn.shares) if drawn else 0,
                weekly_move=max(weekly, default=None),
                distance=distance.total_variation if distance else None,
                best_baseline=distance.best_baseline if distance else None,
                best_baseline_distance=distance.best_baseline_total_variation if distance else None,
            )
        )
    return found
