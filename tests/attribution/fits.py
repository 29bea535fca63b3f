"""Learnt models fitted on paths written by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from pipeline.attribution.fit_inputs import make_relations
from pipeline.attribution.fitted import FittedModel
from pipeline.attribution.fitting import FitResult, Fitter
from pipeline.attribution.registry import declared_models
from pipeline.warehouse.on_duckdb import DuckDBWarehouse

#: Channels in order, and how many journeys along them converted and did not.
Paths = Mapping[tuple[str, ...], tuple[float, float]]

ENOUGH = {"min_conversions": 1, "min_non_conversions": 1, "replicates": 2}


def learnt(name: str, **parameters: Any) -> FittedModel:
    model = declared_models()[name]
    assert isinstance(model, FittedModel)
    return model.with_values({**ENOUGH, **parameters})


def fit_paths(name: str, paths: Paths, **parameters: Any) -> FitResult:
    """A model's fit on paths, each a journey that stands for several."""
    weighed = [
        (str(number), channels, is_converted, float(count))
        for number, (channels, counts) in enumerate(paths.items())
        for is_converted, count in zip((True, False), counts, strict=True)
    ]
    return _fit(learnt(name, **parameters), weighed)


def fit_journeys(name: str, journeys: Sequence[tuple[Sequence[str], bool]], **parameters: Any) -> FitResult:
    """A model's fit on journeys of an account each: channels in order, and whether it converted."""
    weighed = [(str(number), channels, is_converted, 1.0) for number, (channels, is_converted) in enumerate(journeys)]
    return _fit(learnt(name, **parameters), weighed)


def _fit(model: FittedModel, weighed: Sequence[tuple[str, Sequence[str], bool, float]]) -> FitResult:
    journeys = [
        {"journey_id": journey_id, "conversion_type": "won", "account_id": None,
         "cluster_id": f"{journey_id} {is_converted}", "is_converted": is_converted, "weight": weight, "ended_at": None}
        for journey_id, _, is_converted, weight in weighed
    ]  # fmt: skip
    touches = [
        {"journey_id": journey_id, "touch_id": str(place), "touched_at": None, "channel": channel,
         "days_before_end": None, "touch_order": place}
        for journey_id, channels in {journey_id: channels for journey_id, channels, *_ in weighed}.items()
        for place, channel in enumerate(channels, 1)
    ]  # fmt: skip
    with DuckDBWarehouse.in_memory() as warehouse:
        schema = pa.schema([("journey_id", pa.string()), ("conversion_type", pa.string()), ("account_id", pa.string()),
            ("cluster_id", pa.string()), ("is_converted", pa.bool_()), ("weight", pa.float64()),
            ("ended_at", pa.timestamp("us"))])  # fmt: skip
        warehouse.create_from_arrow("given_journeys", pa.Table.from_pylist(journeys, schema))
        schema = pa.schema([("journey_id", pa.string()), ("touch_id", pa.string()), ("touched_at", pa.timestamp("us")),
            ("channel", pa.string()), ("days_before_end", pa.float64()), ("touch_order", pa.int64())])  # fmt: skip
        warehouse.create_from_arrow("given_touches", pa.Table.from_pylist(touches, schema))
        inputs = make_relations(warehouse, "select * from given_journeys", "select * from given_touches")
        return Fitter(warehouse, inputs).fit(model, "won")


def effects(result: FitResult) -> dict[str, float]:
    """Raw effect by channel."""
    assert result.fit is not None, result.reason
    return {one.channel: one.raw_effect for one in result.channels()}
