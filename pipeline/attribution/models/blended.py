"""Blended models, declared in the var `custom_models`: a mix of other models' shares."""

from collections.abc import Mapping
from typing import Any

from pipeline.attribution.model import BlendedModel, Declared, Model


def by_mix(name: str, declaration: Mapping[str, Any]) -> Model:
    """A mix of other models by weight; each is mixed with the parameters it has itself."""
    mix = dict(declaration["blend"])
    return BlendedModel(
        name=name,
        description=declaration.get("description", "a mix of " + ", ".join(mix)),
        source="var custom_models",
        mix=mix,
    )


BY_MIX = Declared(
    needs=frozenset({"blend"}),
    may_have=frozenset({"description"}),
    example="{blend: {linear: 0.5, time_decay: 0.5}}",
    build=by_mix,
)
