"""Learnt models fitted on one set of fit inputs, for a question that needs fits of its own."""

from collections.abc import Sequence

from pipeline.attribution.fit_inputs import FitInputs
from pipeline.attribution.fitted import FittedModel, FrozenFit
from pipeline.attribution.fitting import FITTED, FitResult, Fitter
from pipeline.attribution.model import BlendedModel, Model
from pipeline.attribution.model_fits import bound
from pipeline.warehouse.base import Warehouse


def fit_all(warehouse: Warehouse, inputs: FitInputs, learnt: Sequence[FittedModel]) -> list[FitResult]:
    """The fit of every learnt model to every conversion type there is."""
    fitter = Fitter(warehouse, inputs)
    return [fitter.fit(model, kind) for model in learnt for kind in inputs.conversion_types]


def fitted_on(
    warehouse: Warehouse, inputs: FitInputs, learnt: Sequence[FittedModel], models: Sequence[Model]
) -> tuple[list[Model], dict[tuple[str, str], str]]:
    """`models` with fits made on the inputs, and why a (model, conversion type) has none; mixes of it included."""
    fits: dict[str, dict[str, FrozenFit]] = {}
    lacking: dict[tuple[str, str], str] = {}
    for result in fit_all(warehouse, inputs, learnt):
        fits.setdefault(result.model.name, {})[result.conversion_type] = result.frozen()
        if result.status != FITTED:
            users = [model.name for model in models if _mixes(model, result.model.name)]
            lacking |= {(name, result.conversion_type): result.reason for name in users}
    return bound(models, fits), lacking


def _mixes(model: Model, name: str) -> bool:
    return model.name == name or (isinstance(model, BlendedModel) and name in model.members)
