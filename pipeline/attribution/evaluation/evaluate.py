"""One evaluation of the models over the warehouse's journeys, kept in `attribution.evaluation_*`."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from pipeline.attribution import inputs, ledger
from pipeline.attribution.evaluation import rows, tables
from pipeline.attribution.evaluation.placebo import placebo
from pipeline.attribution.evaluation.population import PERMUTED, read_population
from pipeline.attribution.evaluation.prediction import predict
from pipeline.attribution.evaluation.stability import stability
from pipeline.attribution.evaluation.truth import distances, read_credited, read_truth
from pipeline.attribution.evaluation.verdict import verdicts
from pipeline.attribution.model import Model
from pipeline.attribution.model_fits import fits_in_force, fitted_models
from pipeline.attribution.registry import enabled_models, select_models
from pipeline.errors import UsageError, unknown_name
from pipeline.progress import Progress
from pipeline.warehouse.base import Warehouse


@dataclass
class EvaluationReport:
    """What one evaluation did: verdicts by word, and rows by table."""

    evaluation_number: int
    models: list[str]
    conversion_types: list[str]
    verdicts: dict[str, int] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)

    def summary(self) -> dict[str, Any]:
        """The same, JSON-able."""
        return asdict(self)


def evaluate_warehouse(
    warehouse: Warehouse,
    rules: Mapping[str, Any],
    business_date: date,
    run_id: str,
    progress: Progress | None = None,
    *,
    models: Sequence[str] = (),
    conversion_types: Sequence[str] = (),
    truth: Path | None = None,
    seed: int = 0,
) -> EvaluationReport:
    """Put every question to the enabled models (or those named) and keep the answers; all in one transaction.

    conversion_types: those to look at, or all there are. truth: the truth folder of a simulated company. seed: of the
    folds, shuffles and draws; the same seed on the same journeys gives the same answers.

    Raises `UsageError` for a model, conversion type or folder that is not there.
    """
    progress = progress or Progress()
    known_truth = read_truth(truth) if truth else {}
    chosen = _chosen(rules, models)
    kinds = _conversion_types(warehouse, conversion_types)
    options = {**rules["evaluation"], "conversion_types": kinds}
    with warehouse.transaction():
        ledger.prepare(warehouse)
        population = read_population(warehouse, options, seed)

        def counted(text: str, unit: str) -> Any:
            progress.phase(text)
            return lambda done, total: progress.advance(done, total, unit)

        predicted = predict(population, chosen, options, advance=counted("foretelling later journeys", "weighings"))
        shuffled = predict(
            population, chosen, options, PERMUTED, advance=counted("foretelling shuffled outcomes", "weighings")
        )
        moved = stability(population, chosen, business_date, options, counted("going back week by week", "weighings"))
        drawn = placebo(warehouse, chosen, options, seed, counted("putting in a placebo", "weighings"))
        progress.phase("keeping the answers")
        fits = fits_in_force(warehouse, chosen, business_date)
        credited = read_credited(warehouse, [model.name for model in chosen], fits.values()) if known_truth else {}
        away = [one for one in distances(known_truth, credited) if one.conversion_type in kinds]
        learnt = {model.name for model in chosen if fitted_models([model])}
        judged = verdicts(rows.figures_of(predicted, drawn, moved, away, learnt), options)
        number = tables.next_number(warehouse)
        report = EvaluationReport(number, [model.name for model in chosen], kinds)
        report.verdicts = dict(sorted(Counter(one.verdict for one in judged).items()))
        known = {kind: known_truth[kind] for kind in kinds if kind in known_truth}
        answers = {
            "evaluations": [_evaluation(run_id, business_date, seed, options, bool(known_truth))],
            "evaluation_fits": rows.fits({key: number for key, number in fits.items() if key[1] in kinds}),
            "evaluation_predictions": rows.predictions(predicted),
            "evaluation_calibration": rows.calibration(predicted),
            "evaluation_permutation": rows.permutation(shuffled),
            "evaluation_placebo": rows.placebos(drawn),
            "evaluation_stability": rows.moves(moved),
            "evaluation_truth": rows.distances(away),
            "evaluation_truth_channels": rows.truth_channels(known, credited),
            "evaluation_summary": rows.summary(judged, predicted),
        }
        for table, found in answers.items():
            report.rows[table] = tables.append(
                warehouse, table, ({**row, "evaluation_number": number} for row in found)
            )
    return report


def plan_evaluation(
    warehouse: Warehouse, rules: Mapping[str, Any], models: Sequence[str] = (), conversion_types: Sequence[str] = ()
) -> list[tuple[str, int, int]]:
    """Each question with the fits of learnt models and the weighings of all journeys that it takes."""
    chosen, kinds, options = _chosen(rules, models), _conversion_types(warehouse, conversion_types), rules["evaluation"]
    learnt, users = fitted_models(chosen), [model for model in chosen if fitted_models([model])]
    fits, rules_only = len(learnt) * len(kinds), len(chosen) - len(users)
    folds, weeks, draws = options["folds"], options["stability_weeks"] + 1, options["placebo_runs"]
    return [
        ("foretell later journeys", fits * folds, rules_only + len(users) * folds),
        ("foretell shuffled outcomes", fits * folds, rules_only + len(users) * folds),
        ("go back week by week", fits * weeks, rules_only + len(users) * weeks),
        ("put in a placebo", fits * draws, len(chosen) * draws),
    ]


def _chosen(rules: Mapping[str, Any], names: Sequence[str]) -> list[Model]:
    enabled = enabled_models(rules)
    return select_models(names, enabled) if names else enabled


def _conversion_types(warehouse: Warehouse, wanted: Sequence[str]) -> list[str]:
    if not warehouse.exists(inputs.JOURNEYS):
        raise UsageError("there are no journeys to evaluate on: run `touchledger run --date YYYY-MM-DD` first")
    known = [kind for (kind,) in warehouse.rows(f"select distinct conversion_type from {inputs.JOURNEYS} order by 1")]
    for kind in wanted:
        if kind not in known:
            raise unknown_name("conversion type", kind, known)
    return list(wanted) or known


def _evaluation(
    run_id: str, business_date: date, seed: int, options: Mapping[str, Any], has_truth: bool
) -> dict[str, Any]:
    return {
        "run_id": run_id,
        "business_date": business_date,
        "evaluated_at": datetime.now(UTC).replace(tzinfo=None),
        "seed": seed,
        "options": json.dumps(options, sort_keys=True),
        "has_truth": has_truth,
    }
