"""Attribution: which touches earn credit for which conversions, and a ledger that remembers what was said when."""

from pipeline.attribution.engine import AttributionReport, attribute_warehouse
from pipeline.attribution.explanation import Explanation, explain
from pipeline.attribution.files import attribute_file
from pipeline.attribution.journey_files import FileReport
from pipeline.attribution.ledger import credits_as_of, run_numbered
from pipeline.attribution.refit import RefitReport, refit_warehouse
from pipeline.attribution.registry import all_models, enabled_models
from pipeline.attribution.rendering import render, show_credits_as_of

__all__ = [
    "AttributionReport",
    "Explanation",
    "FileReport",
    "RefitReport",
    "all_models",
    "attribute_file",
    "attribute_warehouse",
    "credits_as_of",
    "enabled_models",
    "explain",
    "refit_warehouse",
    "render",
    "run_numbered",
    "show_credits_as_of",
]
