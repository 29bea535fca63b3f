"""Attribution: which touches earn credit for which conversions, and a ledger that remembers what was said when."""

from pipeline.attribution.engine import AttributionReport, attribute_warehouse
from pipeline.attribution.ledger import credits_as_of, run_numbered
from pipeline.attribution.registry import all_models, enabled_models

__all__ = [
    "AttributionReport",
    "all_models",
    "attribute_warehouse",
    "credits_as_of",
    "enabled_models",
    "run_numbered",
]
