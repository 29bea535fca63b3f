"""Which models there are: every file of `models/`, and what the var `custom_models` declares."""

import hashlib
import json
import pkgutil
from collections.abc import Iterable, Mapping
from dataclasses import replace
from importlib import import_module
from types import ModuleType
from typing import Any

from pipeline.attribution import models
from pipeline.attribution.model import BlendedModel, Declared, Model
from pipeline.errors import UsageError, unknown_name

#: The engine's reading of declarations. Raise it when that changes, so that every credit is computed anew.
ENGINE_RULES = 1

Rules = Mapping[str, Any]


def model_files() -> dict[str, ModuleType]:
    """The modules of `models/` by name, in alphabetical order."""
    names = sorted(found.name for found in pkgutil.iter_modules(models.__path__))
    return {name: import_module(f"{models.__name__}.{name}") for name in names}


def declared_models() -> dict[str, Model]:
    """The models that files declare, by name, with their defaults."""
    found: dict[str, Model] = {}
    for file, module in model_files().items():
        for model in (value for value in vars(module).values() if isinstance(value, Model)):
            if model.name in found:
                raise UsageError(f"model {model.name} is declared twice, once in models/{file}.py")
            found[model.name] = model
    return found


def declared_ways() -> list[Declared]:
    """The ways `custom_models` may declare a model, in the order of their files."""
    return [
        value for module in model_files().values() for value in vars(module).values() if isinstance(value, Declared)
    ]


def all_models(rules: Rules) -> list[Model]:
    """Every model by name, with the parameters of the var `model_parameters`: those of files, then declared ones.

    Raises `UsageError` for a parameter, model or declaration that is wrong.
    """
    found = declared_models()
    for var in ("custom_models", "model_parameters"):
        if not isinstance(rules.get(var) or {}, Mapping):
            raise UsageError(f"{var} must map names of models to what is said of them, not {rules[var]!r}")
    for name, declaration in (rules.get("custom_models") or {}).items():
        if name in found:
            raise UsageError(f"custom model {name!r} has the name of a model that is there already; choose another")
        found[name] = _custom(name, declaration)
    for name, values in (rules.get("model_parameters") or {}).items():
        if name not in found:
            raise unknown_name("model in model_parameters:", name, found)
        if not isinstance(values, Mapping):
            raise UsageError(f"model_parameters.{name} must map parameters to values, not {values!r}")
        found[name] = found[name].with_values(values)
    return [_with_members(model, found) for model in found.values()]


def enabled_models(rules: Rules) -> list[Model]:
    """The models of the var `enabled_models` (or the word `all`), in its order, then the declared custom ones."""
    found = {model.name: model for model in all_models(rules)}
    names = rules.get("enabled_models", "all")
    if names == "all":
        return list(found.values())
    if not isinstance(names, list | tuple) or not all(isinstance(name, str) for name in names):
        raise UsageError(f"enabled_models must be a list of names, or the word all, not {names!r}")
    return select_models([*names, *(rules.get("custom_models") or {})], found.values())


def select_models(names: Iterable[str], known: Iterable[Model]) -> list[Model]:
    """The models of `names`, each once; raises `UsageError` for a name that is not known."""
    by_name = {model.name: model for model in known}
    for name in (names := list(dict.fromkeys(names))):
        if name not in by_name:
            raise unknown_name("model", name, by_name)
    return [by_name[name] for name in names]


def version(model: Model) -> str:
    """The model's version: a hash of its definition with the parameters in effect, and of its fits if it has any."""
    text = json.dumps([ENGINE_RULES, model.version_key()], sort_keys=True, default=dict)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _custom(name: str, declaration: Any) -> Model:
    ways = declared_ways()
    how = "; ".join(way.example for way in ways)
    if not isinstance(declaration, Mapping):
        raise UsageError(f"custom model {name!r} must be a mapping, one of: {how}")
    keys = set(declaration)
    way = next((way for way in ways if way.needs <= keys), None)
    if way is None or keys - way.needs - way.may_have:
        given = ", ".join(sorted(keys)) or "nothing"
        raise UsageError(f"custom model {name!r} has {given}; it is declared as one of: {how}")
    try:
        return way.build(name, declaration)
    except (TypeError, ValueError, AttributeError) as error:
        raise UsageError(f"custom model {name!r} cannot be read ({error}); for example: {way.example}") from error


def _with_members(model: Model, found: Mapping[str, Model]) -> Model:
    if not isinstance(model, BlendedModel):
        return model
    members = {}
    for name in model.mix:
        if name not in found:
            raise unknown_name(f"model mixed by {model.name}:", name, found)
        if isinstance(found[name], BlendedModel):
            raise UsageError(f"model {model.name} mixes {name}, which is a mix itself; name what {name} mixes instead")
        members[name] = found[name]
    return replace(model, members=members)
