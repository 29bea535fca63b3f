"""Custom models, declared in the var `custom_models`: milestone weights, or a weight expression."""

from collections.abc import Mapping
from typing import Any

from pipeline.attribution.model import Declared, Model, Number, PositionModel, WeightModel


def by_milestones(name: str, declaration: Mapping[str, Any]) -> Model:
    """A model of milestone weights over any funnel stages, and `rest`; together they sum to 1."""
    positions = dict(declaration["milestones"])
    return PositionModel(
        name=name,
        description=declaration.get("description", "declared milestone weights"),
        source="var custom_models",
        rest=declaration.get("rest", positions.pop("rest", 0.0)),
        positions=positions,
    )


def by_weight(name: str, declaration: Mapping[str, Any]) -> Model:
    """A model of one weight expression; `numbers` are names it may use, which `model_parameters` may override."""
    numbers = declaration.get("numbers", {})
    return WeightModel(
        name=name,
        description=declaration.get("description", "a declared weight expression"),
        source="var custom_models",
        own={key: Number(Number(0.0, "").check(value, f"{name}.{key}"), "declared") for key, value in numbers.items()},
        weight=declaration["weight"],
    )


BY_MILESTONES = Declared(
    needs=frozenset({"milestones"}),
    may_have=frozenset({"rest", "description"}),
    example="{milestones: {first: 0.5, sql: 0.3}, rest: 0.2}",
    build=by_milestones,
)
BY_WEIGHT = Declared(
    needs=frozenset({"weight"}),
    may_have=frozenset({"numbers", "description"}),
    example="{weight: 'power(2, -days_before_conversion / slow)', numbers: {slow: 90}}",
    build=by_weight,
)
